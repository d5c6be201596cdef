import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BufferedStream } from "../../../../../src/pools/database/sqlite/buffered-stream.ts";

describe("BufferedStream", () => {
  const rows = [{ a: 1 }, { a: 2 }, { a: 3 }];
  function started(log: string[]): BufferedStream {
    const start = () => {
      log.push("started");
      const result = Promise.resolve({ rows, affectedRows: 3, lastInsertId: undefined });
      return { result, cancel: () => log.push("cancelled") };
    };
    return new BufferedStream(start, 2);
  }

  it("starts when it is first asked, and gives a few rows at a time", async () => {
    const log: string[] = [];
    const stream = started(log);
    assert.deepEqual(log, []);
    assert.deepEqual(await stream.next(), rows.slice(0, 2));
    assert.deepEqual(await stream.next(), rows.slice(2));
    assert.deepEqual(await stream.next(), []);
    assert.deepEqual(log, ["started"]);
  });

  it("stops when it is closed", async () => {
    const log: string[] = [];
    const stream = started(log);
    await stream.next();
    await stream.close();
    await assert.rejects(stream.next(), { code: "CANCELLED" });
    assert.deepEqual(log, ["started", "cancelled"]);
    await started(log).close();
  });
});
