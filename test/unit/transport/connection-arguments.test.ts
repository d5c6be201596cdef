import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  checkClose,
  checkMessage,
  checkPing,
  invalidMessage,
} from "../../../src/transport/connection-arguments.ts";

describe("checkMessage", () => {
  it("takes strings and bytes", () => {
    for (const message of ["", "text", new Uint8Array(3), Buffer.from("x")]) checkMessage(message);
  });

  it("takes nothing else, and says what it was given", () => {
    for (const [message, actual] of [
      [undefined, "undefined"],
      [null, "null"],
      [16, "number"],
      [{ byteLength: 16 }, "Object"],
      [Object.create(null), "an object"],
      [new ArrayBuffer(4), "ArrayBuffer"],
      [new Float32Array(4), "Float32Array"],
      [["a"], "Array"],
      [Promise.resolve("a"), "Promise"],
    ] as const) {
      assert.throws(() => checkMessage(message), {
        code: "SLUICE_INVALID_MESSAGE",
        message: `Pass send() a string or a Uint8Array; it was given ${actual}.`,
      });
      assert.match(invalidMessage(message).message, new RegExp(`given ${actual}`));
    }
  });
});

describe("checkClose", () => {
  it("takes the codes that may stand in a close frame", () => {
    for (const code of [1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999]) checkClose(code, "");
  });

  it("takes no other code", () => {
    for (const code of [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 1000.5, Number.NaN]) {
      assert.throws(() => checkClose(code, ""), { code: "SLUICE_INVALID_CLOSE_CODE" }, String(code));
    }
    for (const code of ["1000", null, undefined, {}]) {
      assert.throws(() => checkClose(code, ""), { code: "SLUICE_INVALID_CLOSE_CODE" });
    }
  });

  it("takes a reason of up to 123 bytes of UTF-8", () => {
    checkClose(1000, "x".repeat(123));
    checkClose(1000, "ä".repeat(61));
    for (const reason of ["x".repeat(124), "ä".repeat(62)]) {
      assert.throws(() => checkClose(1000, reason), {
        code: "SLUICE_INVALID_CLOSE_REASON",
        message: /124 bytes/,
      });
    }
  });

  it("takes no reason that isn't a string: a number has been a way to other memory", () => {
    for (const reason of [100, Buffer.from("x"), null, undefined, { length: 3 }]) {
      assert.throws(() => checkClose(1000, reason), { code: "SLUICE_INVALID_CLOSE_REASON" });
    }
  });
});

describe("checkPing", () => {
  it("takes up to 125 bytes", () => {
    for (const payload of ["", "x".repeat(125), new Uint8Array(125)]) checkPing(payload);
  });

  it("takes nothing larger, and nothing else", () => {
    for (const payload of ["x".repeat(126), "ä".repeat(63), new Uint8Array(126), 100, null, undefined, {}]) {
      assert.throws(() => checkPing(payload), { code: "SLUICE_INVALID_PING_PAYLOAD" });
    }
  });
});
