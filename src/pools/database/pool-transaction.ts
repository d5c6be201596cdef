import type { CallContext } from "./call-context.ts";
import type { Transaction } from "./database.ts";
import { LaneQueryable } from "./lane-queryable.ts";
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
    await lane.begin();
    let result: Result;
    try {
      result = await run(new PoolTransaction(this.#context, lane));
      await lane.end();
      if (lane.doom !== undefined) throw lane.doom.error;
    } catch (error) {
      await lane.end();
      await lane.undo();
      throw error;
    }
    await lane.release();
    return result;
  }
}
