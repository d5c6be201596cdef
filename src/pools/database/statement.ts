import { SluiceError } from "../../errors/index.ts";
import type { Dialect, Value } from "./database.ts";
import type { Statement } from "./driver.ts";
import { checkLimits, MAX_PLACEHOLDERS } from "./parameter-limits.ts";
import { checkedParameters } from "./parameters.ts";
import { planStatement, type StatementPlan } from "./placeholders.ts";
import { type TransactionVerb, transactionVerbOf } from "./transaction-verb.ts";

// Texts that are made anew for each call would else fill the memory; what is that long takes longer to run than to read.
const MAX_TEXTS = 1_000;
const MAX_CACHED_LENGTH = 8_192;

/** Where a statement is to run: on any connection, or in a transaction on its own. */
export type StatementPlace = "pool" | "transaction";

interface KnownText {
  readonly plan: StatementPlan;
  readonly verb: TransactionVerb | undefined;
}

/** Makes statements of texts and parameters. What a text says is remembered for the texts that were new most recently. */
export class Statements {
  readonly #dialect: Dialect;
  readonly #name: string;
  readonly #texts = new Map<string, KnownText>();

  /** @param name the pool's, for errors */
  constructor(dialect: Dialect, name: string) {
    this.#dialect = dialect;
    this.#name = name;
  }

  /** @throws SLUICE_INVALID_PARAMETER, SLUICE_PARAMETER_COUNT, SLUICE_MIXED_PLACEHOLDERS, SLUICE_QUERY_FAILED */
  statement(sql: string, params: readonly Value[], maxRows: number, place: StatementPlace): Statement {
    const { plan, verb } = this.#texts.get(sql) ?? this.#read(sql);
    if (verb !== undefined) this.#refuseVerb(verb, place);
    const checked = checkedParameters(params);
    if (checked.length !== plan.count) throw wrongCount(plan, checked.length);
    checkLimits(checked, this.#dialect);
    const ordered = plan.order === undefined ? checked : plan.order.map((index) => checked[index] as Value);
    return { sql: plan.sql, params: ordered, access: plan.access, maxRows };
  }

  #read(sql: string): KnownText {
    if (typeof sql !== "string")
      throw this.#failed(
        `a statement is a string, not ${sql === null ? "null" : `a value of type ${typeof sql}`}`,
      );
    const plan = planStatement(sql, this.#dialect);
    const placeholders = plan.order?.length ?? plan.count;
    const most = MAX_PLACEHOLDERS[this.#dialect];
    if (placeholders > most)
      throw this.#failed(`it has ${placeholders} placeholders, and ${most} are the most that it may have`);
    const text = { plan, verb: transactionVerbOf(sql, this.#dialect) };
    if (sql.length <= MAX_CACHED_LENGTH) this.#remember(sql, text);
    return text;
  }

  // Its connection would go back to the pool within a transaction, and what others write through it would be gone with that; within
  // a transaction, what comes after it would no longer be in any.
  #refuseVerb(verb: TransactionVerb, place: StatementPlace): void {
    if (place === "pool")
      throw this.#failed(
        "it begins or ends a transaction; use transaction(), which has a connection for itself",
      );
    if (verb === "transaction")
      throw this.#failed("a transaction ends with its function, not with a statement");
  }

  #remember(sql: string, text: KnownText): void {
    if (this.#texts.size >= MAX_TEXTS) {
      const [oldest] = this.#texts.keys();
      if (oldest !== undefined) this.#texts.delete(oldest);
    }
    this.#texts.set(sql, text);
  }

  #failed(reason: string): SluiceError {
    return new SluiceError("SLUICE_QUERY_FAILED", { name: this.#name, reason });
  }
}

function wrongCount(plan: StatementPlan, given: number): SluiceError {
  if (plan.isMixed) return new SluiceError("SLUICE_MIXED_PLACEHOLDERS");
  return new SluiceError("SLUICE_PARAMETER_COUNT", { given, expected: plan.count });
}
