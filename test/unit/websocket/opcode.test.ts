import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FIN, Opcode, RSV1 } from "../../../src/websocket/opcode.ts";

describe("Opcode", () => {
  it("has the values of RFC 6455 §11.8", () => {
    assert.deepEqual(Opcode, { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 });
  });

  it("stands beside the bits of RFC 6455 §5.2 and RFC 7692 §6 in the first byte", () => {
    assert.equal(FIN, 0b1000_0000);
    assert.equal(RSV1, 0b0100_0000);
  });
});
