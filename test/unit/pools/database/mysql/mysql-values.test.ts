import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Value } from "../../../../../src/pools/database/database.ts";
import type {
  MysqlColumn,
  MysqlTypedParameter,
} from "../../../../../src/pools/database/mysql/mysql-module.ts";
import {
  conversionsOf,
  convertRow,
  encodeParameter,
} from "../../../../../src/pools/database/mysql/mysql-values.ts";

const column = (columnType: number, more: Partial<MysqlColumn> = {}): MysqlColumn => ({
  name: "value",
  columnType,
  columnLength: 255,
  ...more,
});

function converted(of: MysqlColumn, value: Value): Value {
  const row: Record<string, Value> = { value };
  convertRow(row, conversionsOf([of]) ?? []);
  return row["value"] ?? null;
}

describe("values from MySQL", () => {
  it("are left alone where the driver's are right", () => {
    assert.equal(conversionsOf([column(3), column(253), column(12)]), null);
  });

  it("are bigints where a number would lose something", () => {
    assert.equal(converted(column(8), 5), 5);
    assert.equal(converted(column(8), "18446744073709551615"), 18_446_744_073_709_551_615n);
  });

  it("are booleans where they are declared so", () => {
    assert.equal(converted(column(1, { columnLength: 1 }), 1), true);
    assert.equal(converted(column(1, { columnLength: 1 }), 0), false);
    assert.equal(converted(column(1, { columnLength: 4 }), 1), 1);
  });

  it("are the shortest numbers that a float can mean", () => {
    for (const number of [0.1, 1 / 3, 1e-30, 16_777_216, Math.PI, -2.5]) {
      const short = converted(column(4), Math.fround(number)) as number;
      assert.equal(Math.fround(short), Math.fround(number));
      assert.ok(String(short).length <= String(Math.fround(number)).length);
    }
    assert.equal(converted(column(4), Math.fround(0.1)), 0.1);
  });

  it("are what JSON says, in MySQL and in MariaDB", () => {
    assert.deepEqual(converted(column(0xf5), '{"a":1}'), { a: 1 });
    assert.deepEqual(converted(column(252, { extendedFormat: "json" }), "[1]"), [1]);
    assert.equal(converted(column(252), "[1]"), "[1]");
  });

  it("are the last column's where several have one name, converted as that alone", () => {
    const named = (row: Record<string, Value>, ...columns: MysqlColumn[]): Record<string, Value> => {
      convertRow(row, conversionsOf(columns) ?? []);
      return row;
    };
    const flag = (): MysqlColumn => column(1, { columnLength: 1 });
    assert.deepEqual(named({ value: 1 }, flag(), flag()), { value: true });
    assert.deepEqual(named({ value: 5 }, flag(), column(3)), { value: 5 });
    assert.deepEqual(named({ value: 1 }, column(3), flag()), { value: true });
    assert.deepEqual(named({ value: '"[1]"' }, column(0xf5), column(0xf5)), { value: "[1]" });
    assert.deepEqual(named({ value: "[1]" }, column(0xf5), column(253)), { value: "[1]" });
  });

  it("have their names, also those that the driver doesn't take", () => {
    const strange = column(1, { name: "__proto__", columnLength: 1 });
    const conversions = conversionsOf([strange, column(3)]) ?? [];
    assert.notEqual(strange.name, "__proto__");
    const row: Record<string, Value> = { [strange.name]: 1, value: 2 };
    convertRow(row, conversions);
    assert.deepEqual(Object.entries(row).toSorted(), [
      ["__proto__", true],
      ["value", 2],
    ]);
    assert.equal(Object.getPrototypeOf(row), Object.prototype);
    const nothing: Record<string, Value> = { [strange.name]: null };
    convertRow(nothing, conversions.slice(0, 1));
    assert.deepEqual(Object.entries(nothing), [["__proto__", null]]);
  });

  it("are null where they are", () => {
    for (const of of [column(8), column(4), column(0xf5), column(1, { columnLength: 1 })])
      assert.equal(converted(of, null), null);
  });
});

describe("parameters for MySQL", () => {
  const typed = Object.assign((value: bigint | number) => ({ signed: value }), {
    unsigned: (value: bigint | number) => ({ unsigned: value }),
  });
  const encode = (value: Value): unknown =>
    encodeParameter({ LONGLONG: typed } satisfies MysqlTypedParameter, value);

  it("are the driver's own", () => {
    const date = new Date(0);
    assert.deepEqual([null, "x", true, 5, 1.5, date].map(encode), [null, "x", true, 5, 1.5, date]);
  });

  it("are integers where a double would be written otherwise, or loses something", () => {
    assert.deepEqual(encode(1e15), { signed: 1e15 });
    assert.equal(encode(1e300), 1e300);
    assert.deepEqual(encode(-5n), { signed: -5n });
    assert.deepEqual(encode(2n ** 63n), { unsigned: 2n ** 63n });
  });

  it("are bytes, and JSON as text", () => {
    assert.deepEqual(encode(new Uint8Array([1, 2]).subarray(1)), Buffer.from([2]));
    assert.equal(encode([1, "'"]), `[1,"'"]`);
    assert.equal(encode({ a: null }), '{"a":null}');
  });
});
