import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { describe, it } from "node:test";
import { compressionDefaults } from "../../../src/transport/connection-options.ts";
import type { Decision } from "../../../src/transport/front-door.ts";
import { turn } from "../../support/fake-connection.ts";
import { FakeDoor } from "../../support/fake-door.ts";
import { FakeStream } from "../../support/fake-stream.ts";
import { handshakeHead, headBytes } from "../../support/handshake.ts";

const request = headBytes(handshakeHead());

function refusal(status: number, headers: Record<string, string> = {}): Decision {
  return { kind: "refuse", refusal: { status, message: "no", headers }, cause: "authentication" };
}

describe("FrontDoor", () => {
  it("opens a connection for a valid request that is let in", async () => {
    const door = new FakeDoor();
    door.gate = () => door.accepted({ subprotocol: "chat", data: "data" });
    const stream = door.knock();
    assert.deepEqual([door.engine.stats.handshakes, door.inside], [1, 1]);
    stream.receive(headBytes(handshakeHead({ "Sec-WebSocket-Protocol": "chat" })));
    assert.deepEqual([door.engine.stats.handshakes, door.inside], [0, 1]);
    const [socket] = door.engine.connections;
    assert.deepEqual([socket?.subprotocol, socket?.data, socket?.state], ["chat", "data", "open"]);
    await turn();
    const response = stream.taken.toString();
    assert.match(response, /^HTTP\/1\.1 101 /);
    assert.match(response, /\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/i);
    assert.match(response, /\r\nSec-WebSocket-Protocol: chat\r\n/i);
    assert.doesNotMatch(response, /Extensions/);
    assert.equal(stream.isShared, true);
    stream.destroy();
    await turn();
    assert.equal(door.inside, 0);
  });

  it("agrees on compression where it is on", async () => {
    const offer = { "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" };
    for (const [compression, expected] of [
      [null, /^(?!.*permessage-deflate)/s],
      [compressionDefaults, /\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover/i],
    ] as const) {
      const door = new FakeDoor();
      door.connectionOptions = { compression };
      const stream = door.knock();
      stream.receive(headBytes(handshakeHead(offer)));
      await turn();
      assert.match(stream.taken.toString(), expected);
    }
  });

  it("refuses what the gate refuses", async () => {
    for (const decide of [
      (): Decision => refusal(401, { "X-Why": "so" }),
      async (): Promise<Decision> => refusal(401, { "X-Why": "so" }),
    ]) {
      const door = new FakeDoor();
      door.gate = decide;
      const stream = door.knock();
      stream.receive(request);
      await turn();
      assert.match(stream.taken.toString(), /^HTTP\/1\.1 401 .*\r\nX-Why: so\r\n/s);
      assert.equal(stream.isEnded, true);
      assert.equal(door.engine.stats.refused.authentication, 1);
      assert.equal(door.connections, 0);
      stream.destroy();
      await turn();
      assert.deepEqual([door.inside, door.engine.stats.handshakes], [0, 0]);
    }
  });

  it("reads nothing while the gate decides, and then takes what came", async () => {
    const door = new FakeDoor();
    const messages: unknown[] = [];
    door.handler = { message: (_, message) => void messages.push(message) };
    let decide: (decision: Decision) => void = () => {};
    door.gate = () =>
      new Promise((resolve) => {
        decide = resolve;
      });
    const stream = door.knock();
    stream.receive(Buffer.concat([request, Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x78])]));
    assert.equal(stream.isReading, false);
    assert.equal(door.connections, 0);
    decide(door.accepted());
    await turn();
    assert.equal(door.connections, 1);
    assert.equal(stream.isReading, true);
    assert.deepEqual(messages, ["x"]);
  });

  it("answers 500 for a gate that fails, and says so", async () => {
    const failure = new Error("broken");
    for (const decide of [
      (): Decision => {
        throw failure;
      },
      (): Promise<Decision> => Promise.reject(failure),
    ]) {
      const door = new FakeDoor();
      door.gate = decide;
      const stream = door.knock();
      stream.receive(request);
      await turn();
      assert.match(stream.taken.toString(), /^HTTP\/1\.1 500 /);
      assert.equal(stream.isEnded, true);
      assert.deepEqual(door.gateErrors, [failure]);
    }
  });

  it("answers 500 for a refusal that may not be sent, and says so", async () => {
    for (const decision of [
      refusal(200),
      refusal(401, { "X-Bad": "a\r\nb" }),
      refusal(401, { Connection: "x" }),
    ]) {
      for (const decide of [(): Decision => decision, async (): Promise<Decision> => decision]) {
        const door = new FakeDoor();
        door.gate = decide;
        const stream = door.knock();
        stream.receive(request);
        await turn();
        assert.match(stream.taken.toString(), /^HTTP\/1\.1 500 /);
        assert.equal(stream.isEnded, true);
        assert.equal(door.gateErrors.length, 1);
        assert.equal(door.engine.stats.refused.authentication, 1);
      }
    }
  });

  it("forgets what is decided about a peer that has gone, or has been refused for the time it took", async () => {
    for (const leave of [
      (_: FakeDoor, stream: FakeStream): void => stream.destroy(),
      (door: FakeDoor): void => door.pass(20_000),
    ]) {
      const door = new FakeDoor();
      let decide: (decision: Decision) => void = () => {};
      door.gate = () =>
        new Promise((resolve) => {
          decide = resolve;
        });
      const stream = door.knock();
      stream.receive(request);
      leave(door, stream);
      await turn();
      const before = stream.taken.length;
      decide(door.accepted());
      await turn();
      assert.equal(door.connections, 0);
      assert.equal(stream.taken.length, before);
      assert.equal(door.inside, 0);
    }
  });

  it("hands on what is plain HTTP, with what was read of it", () => {
    const door = new FakeDoor();
    const stream = door.knock();
    const text = "GET /page HTTP/1.1\r\nHost: x\r\n\r\n";
    for (const byte of text) stream.receive(Buffer.from(byte));
    assert.deepEqual(
      door.plain.map(({ read }) => read.toString()),
      [text],
    );
    assert.equal(door.plain[0]?.stream, stream);
    assert.equal(door.engine.stats.handshakes, 0);
    assert.equal(door.inside, 1, "it is still a connection");
  });

  it("refuses requests for a connection that break the protocol", () => {
    const door = new FakeDoor();
    const stream = door.knock();
    stream.receive(headBytes(handshakeHead({ "Sec-WebSocket-Version": "12" })));
    assert.match(stream.taken.toString(), /^HTTP\/1\.1 426 /);
    assert.equal(door.engine.stats.refused.malformed, 1);
  });

  it("takes requests that an HTTP server has read", async () => {
    const door = new FakeDoor();
    const messages: unknown[] = [];
    door.handler = { message: (_, message) => void messages.push(message) };
    const stream = new FakeStream();
    door.door.upgrade(stream, handshakeHead(), Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x78]));
    await turn();
    assert.equal(door.connections, 1);
    assert.match(stream.taken.toString(), /^HTTP\/1\.1 101 /);
    assert.deepEqual(messages, ["x"]);
    const other = new FakeStream();
    door.door.upgrade(other, handshakeHead({ Upgrade: "h2c" }), Buffer.alloc(0));
    assert.match(other.taken.toString(), /^HTTP\/1\.1 4/);
  });

  it("tells those for whom there is no room to come back, once it has heard what they want", async () => {
    const door = new FakeDoor({ maxConnections: 1 });
    door.knock().receive(request);
    const stream = door.knock();
    assert.equal(stream.taken.length, 0);
    stream.receive(request);
    assert.match(stream.taken.toString(), /^HTTP\/1\.1 503 .*\r\nRetry-After: 5\r\n/s);
    assert.equal(door.engine.stats.refused.connections, 1);
    assert.equal(door.inside, 1);
    stream.destroy();
    await turn();
    assert.equal(door.inside, 1, "it was never in");
  });

  it("tells those that have too many already", () => {
    const door = new FakeDoor({ maxConnectionsPerAddress: 1 });
    door.knock("192.0.2.1").receive(request);
    const stream = door.knock("192.0.2.1");
    stream.receive(request);
    assert.match(stream.taken.toString(), /^HTTP\/1\.1 429 .*\r\nRetry-After: 5\r\n/s);
    assert.equal(door.engine.stats.refused.address, 1);
  });

  it("drops without a word those of whom there are too many even for that", () => {
    const door = new FakeDoor({ maxConnections: 1 });
    door.knock();
    const streams = Array.from({ length: 40 }, () => door.knock());
    assert.ok(streams.filter(({ isDestroyed }) => isDestroyed).length > 0);
    assert.ok(streams.filter(({ isDestroyed }) => !isDestroyed).length > 10);
    assert.ok(door.engine.stats.refused.connections > 0);
  });

  it("refuses everything once it is closed, also what is in progress, and drops what is left", async () => {
    const door = new FakeDoor();
    let decide: (decision: Decision) => void = () => {};
    door.gate = () =>
      new Promise((resolve) => {
        decide = resolve;
      });
    const deciding = door.knock();
    deciding.receive(request);
    const silent = door.knock();
    door.door.close();
    decide(door.accepted());
    const late = door.knock();
    late.receive(request);
    await turn();
    for (const stream of [deciding, silent, late]) assert.match(stream.taken.toString(), /^HTTP\/1\.1 503 /);
    assert.equal(door.engine.stats.refused.closing, 3);
    assert.equal(door.connections, 0);
    door.door.cut();
    await turn();
    for (const stream of [deciding, late, silent]) assert.equal(stream.isDestroyed, true);
    assert.deepEqual([door.engine.stats.handshakes, door.inside], [0, 0]);
  });

  it("leaves connections alone when it drops what is left", async () => {
    const door = new FakeDoor();
    const stream = door.knock();
    stream.receive(request);
    const plain = door.knock();
    plain.receive(Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    door.door.close();
    door.door.cut();
    await turn();
    assert.deepEqual([stream.isDestroyed, plain.isDestroyed], [false, false]);
  });

  it("publishes what it refuses", () => {
    const told: unknown[] = [];
    const listener = (message: unknown): void => void told.push(message);
    subscribe("sluice.handshake.refused", listener);
    const door = new FakeDoor();
    door.gate = () => refusal(403);
    door.knock("192.0.2.3").receive(request);
    unsubscribe("sluice.handshake.refused", listener);
    assert.deepEqual(told, [
      { status: 403, message: "no", cause: "authentication", remoteAddress: "192.0.2.3" },
    ]);
  });
});
