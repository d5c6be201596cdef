import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CloseCode, isValidCloseCode } from "../../../src/websocket/close-code.ts";

describe("isValidCloseCode", () => {
  it("takes what RFC 6455 §7.4 and its registry let stand in a close frame, and nothing else", () => {
    const valid = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014];
    for (let code = -1; code <= 6000; code++) {
      const expected = valid.includes(code) || (code >= 3000 && code <= 4999);
      assert.equal(isValidCloseCode(code), expected, String(code));
    }
    for (const code of [1000.5, Number.NaN, Number.POSITIVE_INFINITY, 65_535, -1000]) {
      assert.equal(isValidCloseCode(code), false, String(code));
    }
  });

  it("takes every named code but those that are never on the wire", () => {
    const never: number[] = [CloseCode.noStatus, CloseCode.abnormal, CloseCode.tlsHandshake];
    for (const [name, code] of Object.entries(CloseCode)) {
      assert.equal(isValidCloseCode(code), !never.includes(code), name);
    }
  });
});
