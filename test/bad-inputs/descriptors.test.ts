import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { Canary } from "../support/canary.ts";
import { ChildServer } from "../support/child-server.ts";
import { handshakeBytes, RawPeer } from "../support/raw-peer.ts";
import { Target } from "../support/test-server.ts";
import { inTime, waitFor } from "../support/wait-for.ts";

const ECHO = new URL("./servers/echo.ts", import.meta.url);
const DESCRIPTORS = 128;
const CLIENTS = 300;

interface Attempt {
  readonly socket: Socket;
  /** The status that it got, 0 for none. */
  readonly status: number;
  readonly retryAfter: string | undefined;
}

/** Asks for a connection, and waits for an answer or an end: it must not hang. */
function attempt(port: number): Promise<Attempt> {
  const socket = connect(port, "127.0.0.1");
  let head = "";
  const answered = new Promise<Attempt>((resolve) => {
    const done = (): void => {
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0);
      resolve({ socket, status, retryAfter: /retry-after: (\d+)/i.exec(head)?.[1] });
    };
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      head += chunk.toString("latin1");
      if (head.includes("\r\n\r\n")) done();
    });
    socket.on("close", done);
  });
  socket.write(handshakeBytes());
  return inTime("an answer or an end", answered);
}

async function storm(t: TestContext, child: ChildServer): Promise<Attempt[]> {
  const attempts = await Promise.all(Array.from({ length: CLIENTS }, () => attempt(child.port)));
  t.after(() => {
    for (const { socket } of attempts) socket.destroy();
  });
  return attempts;
}

test("more clients than descriptors: those inside go on, the others are told, and it recovers (bad inputs 1.20)", async (t) => {
  const child = await ChildServer.start(t, ECHO, { descriptors: DESCRIPTORS });
  const canary = await Canary.start(child.port);
  const attempts = await storm(t, child);
  const inside = attempts.filter(({ status }) => status === 101);
  // 5 % of the limit, and at least 32 descriptors, are kept for other files; one has the canary.
  assert.equal(inside.length, DESCRIPTORS - 32 - 1);
  const told = attempts.filter(({ status }) => status === 503);
  assert.ok(told.length > 0);
  assert.ok(told.every(({ retryAfter }) => Number(retryAfter) > 0));
  await canary.sings();
  for (const { socket } of inside) socket.destroy();
  await waitFor("room", async () => (await child.report()).connections === 1);
  const again = await RawPeer.open(child.port);
  again.destroy();
  await canary.sings();
  assert.equal(child.stderr, "");
});

test("descriptors that really run out: nobody hangs, accepting doesn't spin (bad inputs 1.20)", async (t) => {
  const limits = JSON.stringify({ limits: { maxConnections: 10_000 } });
  const child = await ChildServer.start(t, ECHO, { descriptors: DESCRIPTORS, args: [limits] });
  const canary = await Canary.start(child.port);
  const attempts = await storm(t, child);
  const inside = attempts.filter(({ status }) => status === 101);
  assert.ok(inside.length > 50 && inside.length < DESCRIPTORS, `${inside.length} came in`);
  assert.equal(attempts.filter(({ status }) => status === 0).length, CLIENTS - inside.length);
  // While all are in use, it has next to nothing to do, where a loop over accept would take all of a processor.
  const before = await child.report();
  const startedAt = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const after = await child.report();
  assert.ok(after.cpuMs - before.cpuMs < 0.6 * (performance.now() - startedAt), "accepting doesn't spin");
  await canary.sings();
  assert.ok(after.connections > 50);
  assert.equal(after.connections, before.connections);
  for (const { socket } of inside) socket.destroy();
  await waitFor("room", async () => (await child.report()).connections === 1);
  const again = await RawPeer.open(child.port);
  again.destroy();
  await canary.sings();
  assert.equal(child.stderr.split("\n").length <= 2, true, child.stderr);
});

test("at the limit a client is told so in a way that it can read (bad inputs 1.20)", async (t) => {
  const target = await Target.start(t, { limits: { maxConnections: 3 }, retryAfterSeconds: 7 });
  const inside = [await target.open(), await target.open()];
  for (const bytes of [handshakeBytes(), Buffer.from("GET / HTTP/1.1\r\nHost: a\r\n\r\n")]) {
    const peer = await target.ask(bytes);
    const { status, headers, body } = await peer.response();
    assert.equal(status, 503);
    assert.equal(headers.get("retry-after"), "7");
    assert.equal(headers.get("connection"), "close");
    assert.match(body, /no room/);
    await peer.ended();
    peer.destroy();
    assert.equal(await peer.gone, "fin", "the answer isn't lost with a reset");
  }
  await target.canary.sings();
  inside[0]?.destroy();
  await waitFor("room", () => target.server.connections.size === 2);
  inside.push(await target.open());
  for (const peer of inside) peer.destroy();
  await target.isUnharmed();
});

test("those that are told don't take up room of their own without end (bad inputs 1.20)", async (t) => {
  const target = await Target.start(t, { limits: { maxConnections: 1, handshakeTimeoutMs: 300 } });
  // They say nothing, so that nothing can be told to them yet.
  const silent = await Promise.all(Array.from({ length: 100 }, () => target.connect()));
  await waitFor("most to be dropped", () => silent.filter(({ isEnded }) => isEnded).length >= 60);
  assert.ok(target.server.stats().handshakes <= 40);
  for (const peer of silent) await peer.ended();
  for (const peer of silent) peer.destroy();
  await target.isUnharmed();
});
