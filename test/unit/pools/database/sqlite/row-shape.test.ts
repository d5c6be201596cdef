import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Value } from "../../../../../src/pools/database/database.ts";
import { RowShape } from "../../../../../src/pools/database/sqlite/row-shape.ts";

function read(type: string | null, value: unknown): Value | undefined {
  return new RowShape({ id: 1, names: ["a"], types: [type] }).readRows([value], 0, 1)[0]?.["a"];
}

describe("RowShape", () => {
  it("makes rows of values that begin anywhere", () => {
    const shape = new RowShape({ id: 1, names: ["a", "b"], types: [null, "TEXT"] });
    assert.equal(shape.width, 2);
    assert.deepEqual(shape.readRows(["x", 1, "b", 2, "c", "y"], 1, 2), [
      { a: 1, b: "b" },
      { a: 2, b: "c" },
    ]);
  });

  it("takes the last of two columns with one name, by its own type", () => {
    const shape = new RowShape({ id: 1, names: ["a", "a"], types: ["BOOLEAN", "INTEGER"] });
    assert.deepEqual(shape.readRows([1, 1], 0, 1), [{ a: 1 }]);
  });

  it("doesn't let a column become the prototype of its row", () => {
    const shape = new RowShape({ id: 1, names: ["__proto__", "doc"], types: ["JSON", null] });
    const [row] = shape.readRows(['{"admin":true}', 1], 0, 1);
    assert.equal(Object.getPrototypeOf(row), Object.prototype);
    assert.deepEqual(Object.keys(row ?? {}), ["__proto__", "doc"]);
  });

  it("reads booleans", () => {
    assert.equal(read("BOOLEAN", 1), true);
    assert.equal(read("bool", 0), false);
    assert.equal(read("BOOLEAN", null), null);
    assert.equal(read("BOOLEAN", 2), 2);
  });

  it("reads timestamps, as UTC if they say nothing else", () => {
    const utc = new Date("2024-02-03T04:05:06.007Z");
    assert.deepEqual(read("DATETIME", "2024-02-03 04:05:06.007"), utc);
    assert.deepEqual(read("timestamp(3)", "2024-02-03T04:05:06.007Z"), utc);
    assert.deepEqual(read("TIMESTAMP WITH TIME ZONE", "2024-02-03 06:05:06.007+02:00"), utc);
    assert.deepEqual(read("DATETIME", "2024-02-03 06:05:06.007+02"), utc);
    assert.deepEqual(read("DATETIME", "2024-02-03 06:05:06.007 +0200"), utc);
    assert.deepEqual(read("DATETIME", "2024-02-03"), new Date("2024-02-03T00:00:00Z"));
    assert.deepEqual(read("DATETIME", "2024-02-03 04:05"), new Date("2024-02-03T04:05:00Z"));
  });

  it("leaves what is no timestamp as it is stored", () => {
    for (const value of ["now", "2024-99-99", 1_700_000_000, null])
      assert.equal(read("DATETIME", value), value);
  });

  it("reads days without the time", () => {
    assert.equal(read("DATE", "2024-02-03"), "2024-02-03");
    assert.equal(read("DATE", "2024-02-03 00:00:00.000"), "2024-02-03");
  });

  it("parses JSON, and leaves what is none", () => {
    assert.deepEqual(read("JSON", '{"a":[1]}'), { a: [1] });
    assert.equal(read("JSON", "{"), "{");
    assert.equal(read("JSON", 5), 5);
  });

  it("gives binary as Buffer, without a copy", () => {
    const bytes = new Uint8Array([0, 1, 2, 3]).subarray(1, 3);
    const value = read(null, bytes);
    assert.ok(Buffer.isBuffer(value));
    assert.deepEqual([...value], [1, 2]);
    assert.equal(value.buffer, bytes.buffer);
  });
});
