import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toBindable } from "../../../../../src/pools/database/sqlite/bindable.ts";
import { ThreadHarness } from "./thread-harness.ts";

describe("toBindable", () => {
  it("leaves alone what the binding takes as it is", () => {
    const params = [null, 1, -2, 0.5, 2 ** 60, "a", true, 5n, new Uint8Array(2)];
    assert.deepEqual(toBindable("SELECT ?", [...params]), { sql: "SELECT ?", params });
  });

  it("makes bigints of whole numbers beyond 32 bits", () => {
    assert.deepEqual(toBindable("x", [2 ** 31, -(2 ** 31) - 1, 2 ** 31 - 1]).params, [
      2_147_483_648n,
      -2_147_483_649n,
      2_147_483_647,
    ]);
  });

  it("casts what is near 0, at the right placeholder", () => {
    assert.deepEqual(toBindable("SELECT '?', ?, ? -- ?", [1, 1e-20]), {
      sql: "SELECT '?', ?, CAST(? AS REAL) -- ?",
      params: [1, "1e-20"],
    });
    assert.equal(toBindable("SELECT ?2, ?1", [1e-20, 1]).sql, "SELECT ?2, CAST(?1 AS REAL)");
  });

  it("refuses text with a NUL", () => {
    assert.throws(() => toBindable("x", [1, "a\0b"]), { code: "REFUSED", message: /^parameter 2 / });
  });

  it("binds each number as the same number", (t) => {
    const harness = new ThreadHarness();
    t.after(() => harness.close());
    const connection = harness.open();
    for (const value of [1e-20, 5e-324, 2 ** 40, -(2 ** 40), 1e300, 0.1, 2 ** 53, Number.MAX_SAFE_INTEGER]) {
      const { sql, params } = toBindable("SELECT ? AS a", [value]);
      const { value: row } = connection.prepare(sql).iterate(params).next();
      assert.deepEqual(row, [value]);
    }
  });
});
