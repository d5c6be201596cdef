import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { OpenStreams } from "../../../../../src/pools/database/sqlite/open-streams.ts";
import { REQUEST } from "../../../../../src/pools/database/sqlite/thread-protocol.ts";
import { type Answer, ThreadHarness } from "./thread-harness.ts";

const NUMBERS =
  "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 5) SELECT x FROM c";

describe("OpenStreams", () => {
  const harness = new ThreadHarness();
  const connection = harness.open();
  const streams = new OpenStreams(harness.context);
  after(() => harness.close());

  function open(
    sql: string,
    { session = 0, limit = 2 } = {},
  ): { slot: number; ends: number[]; first: Answer[] } {
    const request = harness.request(REQUEST.open, sql, [], { session, limit });
    const ends: number[] = [];
    streams.open(request, connection, () => ends.push(request.slot));
    return { slot: request.slot, ends, first: harness.taken() };
  }
  const next = (slot: number): Answer | undefined => {
    streams.next(harness.request(REQUEST.next, "", [], { slot }));
    return harness.taken()[0];
  };

  it("gives rows a few at a time until there are no more", () => {
    const { slot, ends, first } = open(NUMBERS);
    assert.deepEqual(first[0]?.rows, [[1], [2]]);
    assert.deepEqual(next(slot)?.rows, [[3], [4]]);
    assert.deepEqual(ends, []);
    const last = next(slot);
    assert.deepEqual([last?.rows, last?.isEnd], [[[5]], true]);
    assert.deepEqual(ends, [slot]);
    assert.equal(next(slot)?.code, "CANCELLED");
  });

  it("reads integers that are no safe numbers in the middle of it", () => {
    const { first } = open("VALUES (1), (9007199254740993)", { limit: 5 });
    assert.deepEqual(first[0]?.rows, [[1], [9_007_199_254_740_993n]]);
  });

  it("says what fails when it is opened, or later", () => {
    const bad = open("SELECT nothing");
    assert.equal(bad.first[0]?.code, "SQLITE_ERROR");
    assert.deepEqual(bad.ends, [bad.slot]);
    const late = open("SELECT abs(column1) FROM (VALUES (1), (2), (-9223372036854775808))");
    assert.equal(late.first[0]?.rows?.length, 2);
    assert.equal(next(late.slot)?.code, "SQLITE_ERROR");
    assert.deepEqual(late.ends, [late.slot]);
  });

  it("ends when it is closed or cancelled, once", () => {
    const { slot, ends } = open(NUMBERS);
    streams.close(slot);
    streams.close(slot);
    assert.deepEqual(ends, [slot]);
    const other = open(NUMBERS);
    harness.states.cancel(other.slot);
    streams.next({ ...harness.request(REQUEST.next, ""), slot: other.slot });
    assert.equal(harness.taken()[0]?.code, "CANCELLED");
    const third = open(NUMBERS);
    streams.cancel(third.slot);
    assert.equal(harness.taken()[0]?.code, "CANCELLED");
    assert.deepEqual([...other.ends, ...third.ends], [other.slot, third.slot]);
  });

  it("ends with its transaction", () => {
    const within = open(NUMBERS, { session: 7 });
    const beside = open(NUMBERS);
    streams.closeOf(7);
    assert.deepEqual([within.ends, beside.ends], [[within.slot], []]);
    streams.close(beside.slot);
  });
});
