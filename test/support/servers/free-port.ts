import { createServer } from "node:net";

// Below the ports that outgoing connections are given (from 32768 on Linux): a port that is free stays so while its server is down,
// and nobody who knocks there meanwhile is given that very port for himself, and so connected to himself.
const FIRST = 15_000;
const LAST = 32_000;
const ATTEMPTS = 50;

/** A port on 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (await isFree(port)) return port;
  }
  throw new Error("no port is free");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
