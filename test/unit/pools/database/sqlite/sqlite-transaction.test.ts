import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Pending, SqliteThread } from "../../../../../src/pools/database/sqlite/sqlite-thread.ts";
import { SqliteTransaction } from "../../../../../src/pools/database/sqlite/sqlite-transaction.ts";
import { BEGIN, REQUEST, type Request } from "../../../../../src/pools/database/sqlite/thread-protocol.ts";

const NOTHING = { rows: [], affectedRows: 0, lastInsertId: undefined };
const READ = { sql: "SELECT 1", params: [], access: "read", maxRows: 5 } as const;

/** A thread that answers nothing by itself. */
class FakeThread {
  readonly asked: Request[] = [];
  readonly pending: Pending[] = [];

  ask(request: Request, pending: Pending): number {
    this.pending.push(pending);
    return this.asked.push(request) + 100;
  }
  askAgain(_slot: number, request: Request): void {
    this.asked.push(request);
  }
  withdraw(): boolean {
    return true;
  }
}

async function begun(): Promise<{ fake: FakeThread; transaction: SqliteTransaction }> {
  const fake = new FakeThread();
  const beginning = SqliteTransaction.begin(fake as unknown as SqliteThread, BEGIN.write);
  fake.pending[0]?.settle(NOTHING, true);
  return { fake, transaction: await beginning };
}
const last = ({ asked }: FakeThread): Request | undefined => asked.at(-1);

describe("SqliteTransaction", () => {
  it("sends all that is part of it to its thread, under its slot", async () => {
    const { fake, transaction } = await begun();
    const kinds: number[] = [];
    transaction.run(READ);
    kinds.push(last(fake)?.kind ?? 0);
    transaction.run({ ...READ, access: "write" });
    kinds.push(last(fake)?.kind ?? 0);
    void transaction.script("a; b");
    kinds.push(last(fake)?.kind ?? 0);
    void transaction.stream(READ, 7).next();
    kinds.push(last(fake)?.kind ?? 0);
    assert.deepEqual(kinds, [REQUEST.read, REQUEST.write, REQUEST.script, REQUEST.open]);
    assert.equal(last(fake)?.limit, 7);
    assert.ok(fake.asked.slice(1).every(({ session }) => session === 101));
  });

  it("reads all rows of a change at once, though they are streamed", async () => {
    const { fake, transaction } = await begun();
    void transaction.stream({ ...READ, access: "write" }, 7).next();
    await Promise.resolve();
    assert.equal(last(fake)?.kind, REQUEST.write);
  });

  it("lets its slot go with the commit or the rollback", async () => {
    for (const end of ["commit", "rollback"] as const) {
      const { fake, transaction } = await begun();
      assert.equal(transaction.holdsSlot, true);
      const ending = transaction[end]();
      assert.equal(transaction.holdsSlot, false);
      assert.equal(last(fake)?.kind, REQUEST[end]);
      transaction.settle();
      await ending;
    }
  });

  it("can have its script cancelled", async () => {
    const { transaction } = await begun();
    transaction.cancelScript();
    const script = transaction.script("a; b");
    transaction.cancelScript();
    await assert.rejects(script, { code: "CANCELLED" });
  });

  it("asks nothing more once it has ended: its slot may be another one's by then", async () => {
    for (const end of ["commit", "rollback"] as const) {
      const { fake, transaction } = await begun();
      const stream = transaction.stream(READ, 7);
      void transaction[end]();
      const asked = fake.asked.length;
      await assert.rejects(transaction.run(READ).result, { code: "REFUSED" });
      await assert.rejects(transaction.script("a"), { code: "REFUSED" });
      await assert.rejects(stream.next(), { code: "REFUSED" });
      assert.equal(fake.asked.length, asked);
    }
  });

  it("says why it couldn't begin or commit; a rollback never fails", async () => {
    const fake = new FakeThread();
    const beginning = SqliteTransaction.begin(fake as unknown as SqliteThread, BEGIN.write);
    fake.pending[0]?.fail(new Error("busy"));
    await assert.rejects(beginning, /busy/);
    const { transaction } = await begun();
    const committing = transaction.commit();
    transaction.fail(new Error("constraint"));
    await assert.rejects(committing, /constraint/);
    const other = (await begun()).transaction;
    const undoing = other.rollback();
    other.fail(new Error("x"));
    await undoing;
  });

  it("is lost with its thread, unless it hadn't begun", async () => {
    const fake = new FakeThread();
    const beginning = SqliteTransaction.begin(fake as unknown as SqliteThread, BEGIN.write);
    fake.pending[0]?.lose(false, "it ended");
    await assert.rejects(beginning, { code: "NO_THREAD" });
    const { transaction } = await begun();
    transaction.lose(true, "it ended");
    await assert.rejects(transaction.run(READ).result, { code: "THREAD_LOST" });
    await assert.rejects(transaction.stream(READ, 1).next(), { code: "THREAD_LOST" });
    await assert.rejects(transaction.commit(), { code: "THREAD_LOST" });
    await transaction.rollback();
  });

  it("doesn't know whether it was committed when its thread goes meanwhile", async () => {
    const { transaction } = await begun();
    const committing = transaction.commit();
    transaction.lose(true, "it ended");
    await assert.rejects(committing, { code: "THREAD_LOST" });
  });
});
