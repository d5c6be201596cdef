import assert from "node:assert/strict";
import { test } from "node:test";
import { type Connection, refuse } from "../../src/index.ts";
import { frame, text } from "../support/decoder-harness.ts";
import { handshakeBytes } from "../support/raw-peer.ts";
import { Target } from "../support/test-server.ts";
import { turns } from "../support/wait-for.ts";

// In one write with the handshake, so that they are there before anybody listens for them.
const rsv2And3 = frame({ opcode: 1, rsv: 3, payload: "hello" });

test("a bad frame in one write with the handshake: 101, then 1002 (bad inputs 1.13)", async (t) => {
  const target = await Target.start(t);
  for (const bad of [rsv2And3, frame({ opcode: 1, payload: "hello", masked: false }), frame({ opcode: 3 })]) {
    const peer = await target.open({ glued: bad });
    assert.equal(await peer.closeCode(), 1002);
    await peer.ended();
    peer.destroy();
  }
  assert.deepEqual(target.server.stats().violations, { 1002: 3 });
  await target.isUnharmed();
});

test("good frames in one write with the handshake are not lost (bad inputs 1.13)", async (t) => {
  const target = await Target.start(t, {
    routes: {
      "/slow": { authenticate: () => turns(5).then(() => undefined), handler: echoTwice },
      "/fast": echoTwice,
    },
  });
  for (const path of ["/fast", "/slow"]) {
    const peer = await target.open({ path, glued: Buffer.concat([text("one"), text("two")]) });
    assert.equal(await peer.text(), "one");
    assert.equal(await peer.text(), "two");
    assert.equal(await peer.closeCode(), 1000);
    peer.destroy();
  }
  await target.isUnharmed();
});

async function echoTwice(socket: Connection<unknown>): Promise<void> {
  let count = 0;
  for await (const message of socket) {
    socket.send(message);
    if (++count === 2) return;
  }
}

test("a frame cut in two by the end of the handshake's write is put together (bad inputs 1.13)", async (t) => {
  const target = await Target.start(t);
  const whole = text("x".repeat(300));
  for (let cut = 0; cut <= 12; cut++) {
    const peer = await target.open({ glued: whole.subarray(0, cut) });
    peer.write(whole.subarray(cut));
    assert.equal(await peer.text(), "x".repeat(300));
    peer.destroy();
  }
  await target.isUnharmed();
});

test("what is glued to a refused handshake is discarded (bad inputs 1.13)", async (t) => {
  const target = await Target.start(t, {
    routes: { "/closed": { handler: () => assert.fail("refused"), authenticate: () => refuse(401) } },
  });
  for (const glued of [rsv2And3, text("hello"), handshakeBytes({ path: "/canary" })]) {
    const peer = await target.ask(Buffer.concat([handshakeBytes({ path: "/closed" }), glued]));
    assert.equal((await peer.response()).status, 401);
    await peer.ended();
    assert.equal(peer.rest.length, 0, "one answer only");
    peer.destroy();
  }
  await target.isUnharmed();
});
