// WebSockets beside pages, on an HTTPS server that one has: TLS_KEY=key.pem TLS_CERT=cert.pem npx tsx examples/http-and-tls.ts
//
// A certificate to try it with: openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30
//   -subj /CN=localhost -keyout key.pem -out cert.pem

import { readFile } from "node:fs/promises";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createServer } from "sluice";

const identity = {
  key: await readFile(process.env["TLS_KEY"] ?? "key.pem"),
  cert: await readFile(process.env["TLS_CERT"] ?? "cert.pem"),
};

const web = createHttpsServer(identity, (request, response) => {
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.end(`${request.method} ${request.url}: the time is at /time, by WebSocket\n`);
});

const sockets = createServer({
  // Takes the upgrades of that server; requests that aren't upgrades stay its own.
  server: web,
  routes: {
    "/time": async (socket) => {
      for await (const _question of socket) socket.send(new Date().toISOString());
    },
  },
});

web.listen(Number(process.env["PORT"] ?? 8765), "localhost", () => {
  console.log(`Listening on wss://localhost:${(web.address() as AddressInfo).port}/time`);
});

process.once("SIGINT", async () => {
  await sockets.close();
  web.close();
});
