import type { CallContext } from "./call-context.ts";
import type { Transaction } from "./database.ts";
import { LaneQueryable } from "./lane-queryable.ts";
import { runStatement } from "./run-statement.ts";
import { TransactionLane } from "./transaction-lane.ts";

/** A transaction under way. */
export class PoolTransaction extends LaneQueryable implements Transaction {
  readonly #context: CallContext;
  readonly #lane: TransactionLane;

  constructor(context: CallContext, lane: TransactionLane) {
    super(context, lane, "transaction");
    this.#context = context;
    this.#lane = lane;
  }

  async transaction<Result>(run: (tx: Transaction) => Promise<Result>): Promise<Result> {
    const outer = this.#lane;
    await outer.enter(undefined);
    try {
      return await this.#within(new TransactionLane(this.#context, outer.runner, outer), run);
    } finally {
      outer.leave();
    }
  }

  async #within<Result>(lane: TransactionLane, run: (tx: Transaction) => Promise<Result>): Promise<Result> {
    const { savepoint } = lane;
    await this.#control(lane, `SAVEPOINT ${savepoint}`);
    let result: Result;
    try {
      result = await run(new PoolTransaction(this.#context, lane));
      await lane.end();
      if (lane.doom !== undefined) throw lane.doom.error;
    } catch (error) {
      await lane.end();
      await this.#undo(lane, savepoint);
      throw error;
    }
    await this.#control(lane, `RELEASE SAVEPOINT ${savepoint}`);
    return result;
  }

  async #undo(lane: TransactionLane, savepoint: string): Promise<void> {
    if (lane.doom !== undefined) return;
    try {
      await this.#control(lane, `ROLLBACK TO SAVEPOINT ${savepoint}`);
      await this.#control(lane, `RELEASE SAVEPOINT ${savepoint}`);
    } catch (error) {
      // What couldn't be undone must not be committed with the rest.
      lane.doomWith({ error: error as Error, isConflict: false });
    }
  }

  async #control(lane: TransactionLane, sql: string): Promise<void> {
    const statement = { sql, params: [], access: "write", maxRows: 0 } as const;
    await runStatement(this.#context, lane.control, statement, undefined);
  }
}
