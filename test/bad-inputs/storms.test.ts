import assert from "node:assert/strict";
import { test } from "node:test";
import { close, text } from "../support/decoder-harness.ts";
import { handshakeBytes, RawPeer } from "../support/raw-peer.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { startSharedServers } from "../support/shared-http-server.ts";
import { startServer, Target } from "../support/test-server.ts";
import { turns, waitFor } from "../support/wait-for.ts";

const CLIENTS = 300;

test("clients that are all dropped at once come back, while the others are served (bad inputs 1.21)", async (t) => {
  let authenticating = 0;
  let most = 0;
  const target = await Target.start(t, {
    limits: { maxConnections: CLIENTS + 1 },
    routes: {
      "/storm": {
        handler: async (socket) => {
          for await (const message of socket) socket.send(message);
        },
        authenticate: async () => {
          most = Math.max(most, ++authenticating);
          await turns(3);
          authenticating--;
        },
      },
    },
  });
  const comeIn = (): Promise<RawPeer[]> =>
    Promise.all(Array.from({ length: CLIENTS }, () => target.open({ path: "/storm" })));
  const before = await comeIn();
  for (const socket of target.server.connections) {
    if (socket.request.path === "/storm") socket.terminate();
  }
  await Promise.all(before.map((peer) => peer.ended()));
  for (const peer of before) peer.destroy();
  await target.canary.sings();
  const after = await comeIn();
  for (const peer of after) peer.write(text("back"));
  for (const peer of after) assert.equal(await peer.text(), "back");
  assert.equal(target.server.stats().opened, 2 * CLIENTS + 1);
  // What is let in bounds what is asked of a backend at a time.
  assert.ok(most <= CLIENTS, `${most} at a time`);
  for (const peer of after) peer.destroy();
  await target.isUnharmed();
});

test("a server that goes down sends its clients away with 1001, and new ones with 503 (bad inputs 1.21)", async (t) => {
  const shared = await startSharedServers(t, { handler: { message: () => {} } });
  const peers = await Promise.all(Array.from({ length: 120 }, () => RawPeer.open(shared.port)));
  const closing = shared.server.close({ spreadMs: 300, drainMs: 5_000 });
  const late = await RawPeer.connect(shared.port);
  late.write(handshakeBytes());
  const refusal = await late.response();
  assert.equal(refusal.status, 503);
  assert.ok(Number(refusal.headers.get("retry-after")) > 0);
  await late.ended();
  late.destroy();
  for (const peer of peers) {
    assert.equal(await peer.closeCode(), 1001);
    peer.write(close(1001));
    await peer.ended();
    peer.destroy();
  }
  assert.deepEqual(await closing, { closed: 120, cut: 0 });
});

test("handshakes that are under way when a server goes down are told, or cut (bad inputs 1.21)", async (t) => {
  const server = await startServer(t, {
    handler: () => {},
    authenticate: () => turns(20).then(() => undefined),
  });
  const deciding = await RawPeer.connect(server.port);
  deciding.write(handshakeBytes());
  const silent = await RawPeer.connect(server.port);
  await waitFor("both to be there", () => server.stats().handshakes === 2);
  const closing = server.close({ drainMs: 5_000, spreadMs: 0 });
  assert.equal((await deciding.response()).status, 503);
  await deciding.ended();
  deciding.destroy();
  await closing;
  await silent.ended();
  silent.destroy();
  assert.equal(server.connections.size, 0);
});

test("coming and going leaves nothing behind (bad inputs 1.22)", async (t) => {
  const target = await Target.start(t, { limits: { maxConnections: 60 } });
  const random = new SeededRandom(122);
  const ways: ((peer: RawPeer) => Promise<void>)[] = [
    async (peer) => peer.destroy(),
    async (peer) => peer.reset(),
    async (peer) => {
      peer.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      assert.equal((await peer.response()).status, 426);
      peer.destroy();
    },
    async (peer) => {
      peer.write(handshakeBytes({ headers: { Upgrade: "h2c" } }));
      assert.equal((await peer.response()).status, 400);
      peer.destroy();
    },
    async (peer) => {
      peer.write(handshakeBytes());
      assert.equal((await peer.response()).status, 101);
      peer.destroy();
    },
    async (peer) => {
      peer.write(handshakeBytes());
      assert.equal((await peer.response()).status, 101);
      target.server.group("a").add([...target.server.connections].at(-1) as never);
      peer.write(close(1000));
      assert.equal(await peer.closeCode(), 1000);
      peer.destroy();
    },
  ];
  const listeners = process.eventNames().map((name) => process.listenerCount(name));
  for (let round = 0; round < 50; round++) {
    await Promise.all(Array.from({ length: 20 }, async () => random.pick(ways)(await target.connect())));
    await waitFor("room", () => target.server.connections.size + target.server.stats().handshakes < 20);
  }
  await target.isUnharmed();
  assert.equal(target.server.group("a").size, 0);
  assert.deepEqual(
    process.eventNames().map((name) => process.listenerCount(name)),
    listeners,
  );
  // All of the room is there again: nobody who left is still counted.
  const all = await Promise.all(Array.from({ length: 59 }, () => target.open()));
  const tooMany = await target.ask(handshakeBytes());
  assert.equal((await tooMany.response()).status, 503);
  for (const peer of [...all, tooMany]) peer.destroy();
  await target.isUnharmed();
});

test("too many from one address get 429, and the address is forgotten when they leave (bad inputs 1.22)", async (t) => {
  const shared = await startSharedServers(t, {
    handler: { message: () => {} },
    limits: { maxConnectionsPerAddress: 5 },
  });
  shared.remoteAddress = "198.51.100.4";
  for (let round = 0; round < 3; round++) {
    const peers = await Promise.all(Array.from({ length: 5 }, () => RawPeer.open(shared.port)));
    const sixth = await RawPeer.connect(shared.port);
    sixth.write(handshakeBytes());
    assert.equal((await sixth.response()).status, 429);
    for (const peer of [...peers, sixth]) peer.destroy();
    await waitFor(
      "all to be gone",
      () => shared.server.connections.size + shared.server.stats().handshakes === 0,
    );
  }
});

test("connections that were plain HTTP at first come and go as well (bad inputs 1.22)", async (t) => {
  const target = await Target.start(t, { limits: { maxConnections: 4 } });
  for (let round = 0; round < 20; round++) {
    const peer = await target.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert.equal((await peer.response()).status, 426);
    if (round % 2 === 0) {
      peer.write(handshakeBytes());
      assert.equal((await peer.response()).status, 101);
    }
    peer.destroy();
    await target.isUnharmed();
  }
  const all = await Promise.all([1, 2, 3].map(() => target.open()));
  for (const peer of all) peer.destroy();
  await target.isUnharmed();
});
