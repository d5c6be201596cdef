import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, Handshake } from "../../../../src/cli/bench/handshake.ts";
import { acceptKey } from "../../../../src/websocket/index.ts";

const request = {
  host: "localhost:9000",
  path: "/group/%r?me=%i&x=%20",
  subprotocols: ["a", "b"],
  headers: { "X-Token": "s3" },
};

function keyIn(bytes: Buffer): string {
  return /Sec-WebSocket-Key: (.*)\r\n/.exec(bytes.toString())?.[1] ?? "";
}

function answerTo(key: string): string {
  const accept = acceptKey(key);
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
}

function read(handshake: Handshake, text: string): Answer {
  return handshake.readAnswer(Buffer.from(text, "latin1"));
}

test("a request has its path filled in, and what else was asked for", () => {
  const text = new Handshake(request).requestFor(7, 3).toString();
  assert.match(text, /^GET \/group\/3\?me=7&x=%20 HTTP\/1\.1\r\nHost: localhost:9000\r\n/);
  assert.match(text, /\r\nSec-WebSocket-Protocol: a, b\r\n/);
  assert.match(text, /\r\nX-Token: s3\r\n/);
  assert.ok(!text.includes("Sec-WebSocket-Extensions"));
});

test("what can't be sent is refused", () => {
  assert.throws(
    () => new Handshake({ ...request, headers: { "bad name": "x" } }).requestFor(0, 0),
    TypeError,
  );
});

test("the first answer is held against the key, and what follows it is left", () => {
  const handshake = new Handshake(request);
  const answer = answerTo(keyIn(handshake.requestFor(0, 0)));
  assert.deepEqual(read(handshake, answer.slice(0, 40)), { kind: "incomplete" });
  assert.deepEqual(read(handshake, `${answer}\x81\x01a`), { kind: "open", end: answer.length });
  const wrong = new Handshake(request);
  wrong.requestFor(0, 0);
  assert.equal(read(wrong, answerTo("another")).kind, "refused");
});

test("later answers are only looked at for what they say", () => {
  const handshake = new Handshake(request);
  read(handshake, answerTo(keyIn(handshake.requestFor(0, 0))));
  const answer = answerTo("not looked at");
  assert.deepEqual(read(handshake, answer), { kind: "open", end: answer.length });
  assert.deepEqual(read(handshake, "HTTP/1.1 101 Sw"), { kind: "incomplete" });
  assert.deepEqual(read(handshake, "HTTP/1.1 503 Busy\r\n\r\n"), {
    kind: "refused",
    reason: "HTTP 503 Busy",
  });
  assert.equal(read(handshake, "x".repeat(70_000)).kind, "refused");
});

test("a refusal says its status", () => {
  const answer = read(new Handshake(request), "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
  assert.deepEqual(answer, { kind: "refused", reason: "HTTP 401 Unauthorized" });
});

test("what isn't HTTP is no answer", () => {
  assert.equal(read(new Handshake(request), "SSH-2.0-OpenSSH\r\n\r\n").kind, "refused");
});
