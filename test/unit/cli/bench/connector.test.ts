import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import type { LoadConnection, Place } from "../../../../src/cli/bench/connection.ts";
import { Connector } from "../../../../src/cli/bench/connector.ts";
import { Handshake } from "../../../../src/cli/bench/handshake.ts";
import { MessageCounter } from "../../../../src/cli/bench/message-counter.ts";
import { acceptKey } from "../../../../src/websocket/index.ts";
import { portOf } from "../../../support/port-of.ts";
import { waitFor } from "../../../support/wait-for.ts";

/** A server that answers a handshake when it is told to. */
class HesitantServer {
  readonly waiting: (() => void)[] = [];
  readonly #server = createServer((socket) => this.#accept(socket));

  async listen(t: TestContext): Promise<number> {
    t.after(() => this.#server.close());
    return await portOf(this.#server);
  }

  #accept(socket: Socket): void {
    socket.on("error", () => {});
    socket.once("data", (request: Buffer) => {
      const key = /Sec-WebSocket-Key: (.*)\r\n/.exec(request.toString())?.[1] ?? "";
      const head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
      this.waiting.push(() => socket.write(`${head}Sec-WebSocket-Accept: ${acceptKey(key)}\r\n\r\n`));
    });
  }
}

interface Run {
  readonly server: HesitantServer;
  readonly connector: Connector;
  readonly open: LoadConnection[];
  readonly gone: string[];
  readonly idle: () => number;
}

async function start(t: TestContext, count: number, timeoutMs = 60_000): Promise<Run> {
  const server = new HesitantServer();
  const port = await server.listen(t);
  const open: LoadConnection[] = [];
  const gone: string[] = [];
  let next = 0;
  let idle = 0;
  const setup = {
    endpoint: {
      address: "127.0.0.1",
      port,
      tlsName: undefined,
      insecureTls: false,
      spreadsAddresses: true,
      transport: "auto" as const,
    },
    handshake: new Handshake({ host: "localhost", path: "/", subprotocols: [], headers: {} }),
    promptAnswer: undefined,
    createScanner: () => new MessageCounter({ onControl: () => {}, onPrompt: () => {} }),
  };
  const connector = new Connector(
    setup,
    { concurrency: 3, timeoutMs },
    {
      next: (): Place | undefined => (next < count ? { index: next++, group: 0, isSlow: false } : undefined),
      onOpen: (connection) => open.push(connection),
      onReading: () => {},
      onRead: () => {},
      onGone: (_, reason) => gone.push(reason),
      onIdle: () => idle++,
    },
  );
  t.after(() => {
    connector.stop();
    for (const { stream } of open) stream.destroy();
  });
  connector.fill();
  return { server, connector, open, gone, idle: () => idle };
}

test("so many handshakes are under way, and a new one begins when one is done", async (t) => {
  const { server, connector, open, idle } = await start(t, 5);
  await waitFor("three requests", () => server.waiting.length === 3);
  assert.equal(connector.underWay, 3);
  server.waiting.shift()?.();
  await waitFor("the fourth", () => server.waiting.length === 3);
  assert.equal(open.length, 1);
  assert.equal(idle(), 0);
  for (const count of [2, 3, 4, 5]) {
    server.waiting.shift()?.();
    await waitFor(`${count} connections`, () => open.length === count);
  }
  assert.equal(connector.underWay, 0);
  assert.equal(idle(), 1);
});

test("when a handshake began is known until it is over", async (t) => {
  const { server, connector, open } = await start(t, 1);
  await waitFor("the request", () => server.waiting.length === 1);
  server.waiting.shift()?.();
  await waitFor("the connection", () => open.length === 1 && connector.underWay === 0);
  assert.equal(connector.begunAt(open[0] as LoadConnection), undefined);
});

test("a handshake that takes too long is given up, and makes room", async (t) => {
  const { gone, idle } = await start(t, 5, 20);
  await waitFor("all to be given up", () => gone.length === 5);
  assert.deepEqual(new Set(gone), new Set(["the handshake took too long"]));
  assert.equal(idle(), 1);
});

test("stopping gives up on what is under way", async (t) => {
  const { server, connector, gone } = await start(t, 3);
  await waitFor("three requests", () => server.waiting.length === 3);
  connector.stop();
  await waitFor("all to be given up", () => gone.length === 3);
  assert.deepEqual(new Set(gone), new Set(["stopped"]));
});

test("with nobody to connect, it is idle at once", async (t) => {
  const { idle } = await start(t, 0);
  assert.equal(idle(), 1);
});
