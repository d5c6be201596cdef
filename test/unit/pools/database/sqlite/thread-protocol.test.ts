import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  appendRequest,
  REQUEST,
  readRequests,
  type ThreadRequest,
  toRequest,
  toWireValue,
} from "../../../../../src/pools/database/sqlite/thread-protocol.ts";

describe("a batch of requests", () => {
  it("comes out as it was put in", () => {
    const first = { kind: REQUEST.write, session: 0, sql: "a", limit: 5, params: [1, "b", null] };
    const second = { kind: REQUEST.commit, session: 7, sql: "", limit: 0, params: [] };
    const batch: unknown[] = [];
    appendRequest(batch, 3, first);
    appendRequest(batch, 7, second);
    const found: ThreadRequest[] = [];
    readRequests(batch, (request) => found.push(request));
    assert.deepEqual(found, [
      { ...first, slot: 3 },
      { ...second, slot: 7 },
    ]);
  });
});

describe("toWireValue", () => {
  it("writes Dates in UTC", () => {
    assert.equal(toWireValue(new Date(Date.UTC(2024, 1, 3, 4, 5, 6, 7))), "2024-02-03 04:05:06.007");
    assert.equal(toWireValue(new Date("0001-01-01T00:00:00Z")), "0001-01-01 00:00:00.000");
  });

  it("refuses years that SQLite can't read back", () => {
    assert.throws(() => toWireValue(new Date(8.64e15)), RangeError);
    assert.throws(() => toWireValue(new Date("-000001-01-01T00:00:00Z")), RangeError);
  });

  it("writes objects and arrays as JSON, and leaves the rest", () => {
    assert.equal(toWireValue({ a: [1] }), '{"a":[1]}');
    assert.equal(toWireValue([1, null]), "[1,null]");
    const bytes = new Uint8Array(1);
    for (const value of [null, true, 1, 2n, "a", bytes]) assert.equal(toWireValue(value), value);
  });
});

describe("toRequest", () => {
  it("takes over a statement", () => {
    const statement = { sql: "SELECT ?", params: [new Date(0)], access: "read", maxRows: 9 } as const;
    assert.deepEqual(toRequest(REQUEST.read, statement, 4), {
      kind: REQUEST.read,
      session: 4,
      sql: "SELECT ?",
      limit: 9,
      params: ["1970-01-01 00:00:00.000"],
    });
  });
});
