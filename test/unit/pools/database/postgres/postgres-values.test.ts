import assert from "node:assert/strict";
import { describe, it } from "node:test";
import pg from "pg";
import type { PgArrayParser } from "../../../../../src/pools/database/postgres/pg-module.ts";
import {
  encodeParameter,
  postgresTypes,
} from "../../../../../src/pools/database/postgres/postgres-values.ts";

const { arrayParser } = pg.types as unknown as { arrayParser: PgArrayParser };
const types = postgresTypes(arrayParser);
const read = (oid: number, text: string): unknown => types.getTypeParser(oid)(text);

describe("values from PostgreSQL", () => {
  it("are numbers where nothing is lost, and bigints where something would be", () => {
    assert.equal(read(20, "9007199254740991"), 9_007_199_254_740_991);
    assert.equal(read(20, "9007199254740992"), 9_007_199_254_740_992n);
    assert.equal(read(20, "-9223372036854775808"), -9_223_372_036_854_775_808n);
    assert.deepEqual([read(21, "-7"), read(23, "0"), read(26, "4294967295")], [-7, 0, 4_294_967_295]);
    assert.deepEqual(
      [read(700, "0.1"), read(701, "1e+300"), read(701, "-Infinity")],
      [0.1, 1e300, Number.NEGATIVE_INFINITY],
    );
    assert.ok(Number.isNaN(read(701, "NaN")));
  });

  it("are times in UTC, with a zone and without", () => {
    const at = (text: string): unknown => (read(1114, text) as Date).toISOString();
    assert.equal(at("2024-02-29 23:59:59"), "2024-02-29T23:59:59.000Z");
    assert.equal(at("2024-02-29 23:59:59.1"), "2024-02-29T23:59:59.100Z");
    // Cut, not rounded: a time never comes from the future.
    assert.equal(at("2024-02-29 23:59:59.999999"), "2024-02-29T23:59:59.999Z");
    assert.equal(at("2024-02-29 23:59:59.5+00"), "2024-02-29T23:59:59.500Z");
    assert.equal(at("2024-03-01 05:29:59+05:30"), "2024-02-29T23:59:59.000Z");
    assert.equal(at("0001-01-01 00:00:00 BC"), "0000-01-01T00:00:00.000Z");
    assert.equal(at("12024-01-01 00:00:00"), "+012024-01-01T00:00:00.000Z");
    assert.equal(read(1184, "infinity"), Number.POSITIVE_INFINITY);
    assert.equal(read(1184, "-infinity"), Number.NEGATIVE_INFINITY);
  });

  it("are booleans, bytes and what JSON says", () => {
    assert.deepEqual([read(16, "t"), read(16, "f")], [true, false]);
    assert.deepEqual(read(17, "\\x00ff"), Buffer.from([0, 255]));
    assert.deepEqual([read(114, '{"a":[1]}'), read(3802, "null")], [{ a: [1] }, null]);
  });

  it("are arrays of such values", () => {
    assert.deepEqual(read(1016, "{1,NULL,9007199254740993}"), [1, null, 9_007_199_254_740_993n]);
    assert.deepEqual(read(1009, '{"a,b","\\"",NULL}'), ["a,b", '"', null]);
    assert.deepEqual(read(1231, "{1.50,2}"), ["1.50", "2"]);
  });

  it("stay text where they are no JavaScript value", () => {
    for (const [oid, text] of [
      [1700, "1.50"],
      [1082, "2024-02-29"],
      [1083, "10:00:00"],
      [25, "t"],
      [1186, "1 day"],
      [600, "(1,2)"],
    ] as const)
      assert.equal(read(oid, text), text);
  });
});

describe("parameters for PostgreSQL", () => {
  it("are text that the server reads, or bytes", () => {
    assert.deepEqual([null, "x", 1.5, 2n ** 63n, true, Number.NaN].map(encodeParameter), [
      null,
      "x",
      "1.5",
      "9223372036854775808",
      "true",
      "NaN",
    ]);
    assert.deepEqual(encodeParameter(new Uint8Array([1, 2, 3]).subarray(1)), Buffer.from([2, 3]));
    const buffer = Buffer.from("x");
    assert.equal(encodeParameter(buffer), buffer);
  });

  it("are JSON where they are arrays or objects", () => {
    assert.equal(encodeParameter([1, { a: null }]), '[1,{"a":null}]');
    assert.equal(encodeParameter({ a: "'" }), `{"a":"'"}`);
  });

  it("are times with a zone, in any year", () => {
    assert.equal(encodeParameter(new Date(0)), "1970-01-01T00:00:00.000Z");
    assert.equal(encodeParameter(new Date("-000043-03-15T00:00:00Z")), "0044-03-15T00:00:00.000Z BC");
    assert.equal(encodeParameter(new Date("+012024-01-01T00:00:00Z")), "12024-01-01T00:00:00.000Z");
  });
});
