import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import WebSocket from "ws";

const MESSAGES = 1_000_000;
const CYCLES = 10_000;
const CONNECTIONS = 50;
const OUTSTANDING = 32;
// What the heap and the buffers may differ by between two equal pieces of work: code that is compiled late, the allocator's moods.
const ALLOWANCE_BYTES = 12 * 1024 * 1024;

/** A server in a process of its own, so that nothing of the clients is counted. */
class SoakServer {
  readonly #child: ChildProcess;
  port = 0;

  constructor() {
    const entry = fileURLToPath(new URL("./soak-server.ts", import.meta.url));
    this.#child = fork(entry, { execArgv: ["--expose-gc", "--import", "tsx"] });
  }

  async start(): Promise<void> {
    this.port = (await once(this.#child, "message"))[0] as number;
  }

  /** Bytes in use after a full collection, and connections that are registered. */
  async measure(): Promise<{ bytes: number; connections: number }> {
    this.#child.send("measure");
    return (await once(this.#child, "message"))[0] as { bytes: number; connections: number };
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }
}

async function open(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/group/all`, { perMessageDeflate: false });
  await once(socket, "open");
  return socket;
}

async function close(socket: WebSocket): Promise<void> {
  socket.close();
  await once(socket, "close");
}

async function echo(port: number, messages: number): Promise<void> {
  const each = messages / CONNECTIONS;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/echo`, { perMessageDeflate: false });
      await once(socket, "open");
      await new Promise<void>((resolve) => {
        let sent = 0;
        let received = 0;
        const send = (): void => socket.send(`message ${sent++}`);
        socket.on("message", () => {
          if (++received === each) resolve();
          else if (sent < each) send();
        });
        for (let n = 0; n < OUTSTANDING; n++) send();
      });
      await close(socket);
    }),
  );
}

async function connectAndDisconnect(port: number, cycles: number): Promise<void> {
  for (let done = 0; done < cycles; done += CONNECTIONS) {
    const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => open(port)));
    // Half of them say goodbye, half of them are gone without a word.
    await Promise.all(
      sockets.map(async (socket, index) => {
        if (index % 2 === 0) return close(socket);
        socket.terminate();
        await once(socket, "close");
      }),
    );
  }
}

it("memory is flat over a million messages and ten thousand connects and disconnects", async (t) => {
  const server = new SoakServer();
  t.after(() => server.stop());
  await server.start();
  // The first round fills caches and pools.
  await echo(server.port, MESSAGES / 10);
  await connectAndDisconnect(server.port, CYCLES / 10);
  const before = await server.measure();
  await echo(server.port, MESSAGES);
  const afterMessages = await server.measure();
  await connectAndDisconnect(server.port, CYCLES);
  const afterConnects = await server.measure();
  t.diagnostic(`bytes in use: ${before.bytes}, ${afterMessages.bytes}, ${afterConnects.bytes}`);
  assert.equal(afterConnects.connections, 0);
  assert.ok(afterMessages.bytes - before.bytes < ALLOWANCE_BYTES, "messages left memory behind");
  assert.ok(afterConnects.bytes - afterMessages.bytes < ALLOWANCE_BYTES, "connections left memory behind");
});
