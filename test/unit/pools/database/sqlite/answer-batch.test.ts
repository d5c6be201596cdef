import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { ThreadHarness } from "./thread-harness.ts";

describe("AnswerBatch", () => {
  const harness = new ThreadHarness();
  const { answers } = harness;
  afterEach(() => harness.taken());

  it("sends what it has gathered in one message, and nothing when there is nothing", () => {
    answers.flush();
    answers.done(1, 2, 3n);
    answers.cancelled(4);
    answers.flush();
    answers.flush();
    assert.equal(harness.messages.length, 1);
    assert.deepEqual(harness.taken(), [
      { slot: 1, affectedRows: 2, lastInsertId: 3n },
      { slot: 4, code: "CANCELLED", message: "it was cancelled" },
    ]);
  });

  it("tells of columns before the rows that have them", () => {
    const columns = answers.announce(["a", "b"], ["TEXT", null]);
    const start = answers.beginRows(5);
    answers.values.push(1, 2, 3, 4);
    answers.endRows(start, columns, 2, true);
    answers.setChanges(start, 2, 9);
    assert.deepEqual(harness.taken(), [
      {
        slot: 5,
        rows: [
          [1, 2],
          [3, 4],
        ],
        isEnd: true,
        affectedRows: 2,
        lastInsertId: 9,
      },
    ]);
  });

  it("takes back what was answered since a mark, but not what columns there are", () => {
    answers.done(1);
    const { mark } = answers;
    const columns = answers.announce(["a"], [null]);
    answers.done(2);
    answers.takeBack(mark);
    const start = answers.beginRows(3);
    answers.endRows(start, columns, 0, true);
    assert.deepEqual(
      harness.taken().map(({ slot }) => slot),
      [1, 3],
    );
  });

  it("says what failed: by SQLite's number, by its own code, or with neither", () => {
    answers.failed(1, Object.assign(new Error("a"), { errcode: 5 }));
    answers.failed(2, new TypeError("b"));
    answers.failed(3, "c");
    assert.deepEqual(harness.taken(), [
      { slot: 1, code: "SQLITE_BUSY", message: "a" },
      { slot: 2, code: "REFUSED", message: "b" },
      { slot: 3, code: "REFUSED", message: "c" },
    ]);
  });

  it("knows when it is large", () => {
    assert.equal(answers.isLarge, false);
    for (let count = 0; count < 10_000; count++) answers.values.push(0);
    assert.equal(answers.isLarge, true);
    answers.takeBack(0);
  });

  it("says at once that the database is open, and what is forgotten with the next message", () => {
    answers.ready();
    answers.forget(8);
    answers.flush();
    assert.deepEqual(harness.messages.splice(0), [
      { ready: true, answers: [] },
      { forget: [8], answers: [] },
    ]);
    harness.close();
  });
});
