import assert from "node:assert/strict";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { type TestContext, test } from "node:test";
import { createServer } from "../../src/index.ts";
import { Canary } from "../support/canary.ts";
import { text } from "../support/decoder-harness.ts";
import { handshakeBytes, RawPeer } from "../support/raw-peer.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { Target } from "../support/test-server.ts";
import { tlsIdentity } from "../support/tls-identity.ts";
import { turns, waitFor } from "../support/wait-for.ts";

/** Connects, sends bytes in two pieces, and resets, each after so many turns of the event loop. */
async function resetAfter(port: number, bytes: Buffer, turnsEach: [number, number, number]): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  await turns(turnsEach[0]);
  socket.write(bytes.subarray(0, bytes.length >> 1));
  await turns(turnsEach[1]);
  socket.write(bytes.subarray(bytes.length >> 1));
  await turns(turnsEach[2]);
  socket.resetAndDestroy();
}

async function resetOften(port: number, path: string): Promise<void> {
  const random = new SeededRandom(112);
  const bytes = Buffer.concat([
    handshakeBytes({ path }),
    text("hello".repeat(100)),
    text("x".repeat(70_000)),
  ]);
  for (let round = 0; round < 25; round++) {
    const delays = (): [number, number, number] => [random.below(6), random.below(6), random.below(8)];
    await Promise.all(Array.from({ length: 20 }, () => resetAfter(port, bytes, delays())));
  }
}

test("hundreds of clients that reset at any moment are let go (bad inputs 1.12)", async (t) => {
  const target = await Target.start(t);
  await resetOften(target.port, "/");
  await target.isUnharmed();
  assert.deepEqual(target.errors, []);
});

test("clients that reset while authenticate is pending are let go (bad inputs 1.12)", async (t) => {
  const target = await Target.start(t, {
    routes: { "/slow": { handler: () => {}, authenticate: () => turns(4).then(() => undefined) } },
  });
  await resetOften(target.port, "/slow");
  await target.isUnharmed();
  assert.deepEqual(target.errors, []);
});

test("clients that reset while authenticate waits for long are let go when it is done (bad inputs 1.12)", async (t) => {
  const waiting: (() => void)[] = [];
  const target = await Target.start(t, {
    routes: {
      "/slow": {
        handler: () => {},
        authenticate: () => new Promise<void>((resolve) => void waiting.push(resolve)),
      },
    },
  });
  const peers = await Promise.all(
    Array.from({ length: 20 }, () => target.ask(handshakeBytes({ path: "/slow" }))),
  );
  await waitFor("authenticate to be called", () => waiting.length === 20);
  for (const peer of peers) peer.reset();
  await target.canary.sings();
  for (const done of waiting) done();
  await target.isUnharmed();
});

test("resets over TLS, and on a shared HTTP server, are let go (bad inputs 1.12)", async (t) => {
  const secure = await Target.start(t, { tls: tlsIdentity });
  const random = new SeededRandom(7);
  for (let round = 0; round < 20; round++) {
    const peer = await RawPeer.connect(secure.port, { tls: true });
    peer.write(handshakeBytes());
    await turns(random.below(6));
    // The TCP socket below TLS, so that nothing says goodbye.
    peer.socket.destroy();
  }
  await secure.isUnharmed();
  await resetOnSharedServer(t);
});

async function resetOnSharedServer(t: TestContext): Promise<void> {
  const http = createHttpServer();
  const server = createServer({
    server: http,
    handler: async (socket) => {
      for await (const message of socket) socket.send(message);
    },
    authenticate: () => turns(3).then(() => undefined),
  });
  await new Promise<void>((resolve) => {
    http.listen(0, "127.0.0.1", resolve);
  });
  t.after(async () => {
    await server.close({ drainMs: 0 });
    http.close();
  });
  const { port } = http.address() as AddressInfo;
  const canary = await Canary.start(port);
  await resetOften(port, "/");
  await canary.sings();
  await waitFor("the others to be gone", () => server.connections.size === 1);
  await waitFor("their handshakes to be gone", () => server.stats().handshakes === 0);
}

test("a client that resets while it is sent to is let go, with all that was buffered (bad inputs 1.12)", async (t) => {
  const target = await Target.start(t, {
    sendBuffer: { highWaterBytes: 262_144, lowWaterBytes: 65_536 },
    routes: {
      "/flood": async (socket) => {
        while (socket.state === "open") {
          if (!socket.send(Buffer.alloc(100_000))) await socket.drained();
        }
      },
    },
  });
  const peers = await Promise.all(Array.from({ length: 3 }, () => target.open({ path: "/flood" })));
  for (const peer of peers) peer.pause();
  await waitFor("their buffers to fill up", () => target.server.stats().bufferedBytes > 3 * 262_144);
  for (const peer of peers) peer.reset();
  await target.isUnharmed();
  assert.deepEqual(target.errors, []);
});

test("a client that resets while reading is stopped for it is noticed (bad inputs 1.12)", async (t) => {
  let stuck: () => void = () => {};
  const target = await Target.start(t, {
    keepalive: { pingIntervalMs: 200, pongTimeoutMs: 200 },
    routes: {
      "/stuck": {
        message: () =>
          new Promise<void>((resolve) => {
            stuck = resolve;
          }),
      },
    },
  });
  const peer = await target.open({ path: "/stuck" });
  peer.write(Buffer.concat(Array.from({ length: 1000 }, () => text("x".repeat(1000)))));
  await waitFor("its messages to be held", () => target.server.stats().bufferedBytes > 50_000);
  peer.reset();
  await target.isUnharmed();
  stuck();
});
