import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, ping } from "../support/decoder-harness.ts";
import { mutatedStream } from "../support/mutated-frames.ts";
import { handshakeBytes } from "../support/raw-peer.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { Target } from "../support/test-server.ts";

const LIMITS = { maxMessageBytes: 1000, maxFragments: 4 };
const VIOLATIONS = new Set([1002, 1007, 1008, 1009]);
// What a server may send as its answer to any bytes at all: a violation's code, an echo of a legal close, or 1005 for an empty one.
const CLOSES = new Set([...VIOLATIONS, 1000, 1001, 1003, 1005, 1010, 1011, 1012, 1013, 1014]);
const ALIVE = "still alive";

test("random and mutated streams: only documented outcomes, however they are cut (bad inputs 2.15)", () => {
  const random = new SeededRandom(215);
  let violations = 0;
  for (let round = 0; round < 10_000; round++) {
    const compression = round % 2 === 0;
    const stream = round % 10 === 0 ? random.bytes(random.below(60)) : mutatedStream(random, { compression });
    if (stream.length === 0) continue;
    const limits = { ...LIMITS, compression };
    const expected = decode(stream, stream.length, limits);
    for (const [kind, code] of expected) {
      if (kind === "violation") assert.ok(VIOLATIONS.has(code), `${code} in round ${round}`);
    }
    if (expected.at(-1)?.[0] === "violation") violations++;
    // In two pieces at a random border, and byte by byte; at all borders for some.
    assert.deepEqual(decode(stream, 1, limits), expected, `round ${round}, byte by byte`);
    const borders = round % 20 === 0 ? stream.length - 1 : 1;
    for (let border = 1; border <= borders; border++) {
      const size = borders === 1 ? 1 + random.below(stream.length) : border;
      assert.deepEqual(decode(stream, size, limits), expected, `round ${round}, ${size} bytes at a time`);
    }
  }
  assert.ok(violations > 3000 && violations < 9000, `${violations} streams broke a rule`);
});

test("the same to a live server: a close or a drop, and nothing else (bad inputs 2.15)", async (t) => {
  const target = await Target.start(t, { ...LIMITS, compression: true });
  const random = new SeededRandom(2150);
  const codes = new Map<number, number>();
  const attack = async (compression: boolean): Promise<void> => {
    const stream =
      random.below(5) === 0 ? random.bytes(random.below(100)) : mutatedStream(random, { compression });
    const headers = compression ? { "Sec-WebSocket-Extensions": "permessage-deflate" } : {};
    const peer = await target.open({ headers, glued: stream.subarray(0, random.below(stream.length + 1)) });
    peer.write(Buffer.concat([stream, ping(ALIVE)]));
    // What was left open by a frame that isn't whole would be waited for.
    peer.end();
    const { code } = await peer.closing();
    codes.set(code, (codes.get(code) ?? 0) + 1);
    assert.ok(code === 1006 || CLOSES.has(code) || (code >= 3000 && code < 5000), `${code}`);
    await peer.ended();
    peer.destroy();
  };
  for (let round = 0; round < 30; round++) {
    await Promise.all(Array.from({ length: 20 }, (_, index) => attack(index % 2 === 0)));
    await target.canary.sings();
  }
  assert.ok((codes.get(1002) ?? 0) > 50);
  assert.deepEqual(target.errors, []);
  await target.isUnharmed();
});

test("random and mutated handshakes: a refusal, a connection or a drop (bad inputs 2.15)", async (t) => {
  const target = await Target.start(t, { limits: { handshakeTimeoutMs: 300 }, compression: true });
  const random = new SeededRandom(21);
  const good = handshakeBytes({
    headers: { "Sec-WebSocket-Extensions": "permessage-deflate", Origin: "http://localhost:8765" },
  });
  const statuses = new Map<number, number>();
  const attack = async (): Promise<void> => {
    const bytes = Buffer.from(good);
    for (let changes = random.below(4); changes >= 0; changes--) {
      const at = random.below(bytes.length);
      if (random.below(2) === 0) bytes[at] = random.below(256);
      else bytes.copy(bytes, at, random.below(bytes.length));
    }
    const peer = await target.ask(random.below(8) === 0 ? random.bytes(200) : bytes);
    const response = await peer.responseIfAny();
    const status = response?.status ?? 0;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    peer.destroy();
  };
  for (let round = 0; round < 4; round++) {
    await Promise.all(Array.from({ length: 125 }, attack));
    await target.canary.sings();
  }
  const documented = [0, 101, 400, 403, 404, 405, 408, 414, 417, 421, 426, 431, 505];
  for (const status of statuses.keys()) assert.ok(documented.includes(status), `${status}`);
  assert.ok((statuses.get(400) ?? 0) > 100);
  assert.deepEqual(target.errors, []);
  await target.isUnharmed();
});
