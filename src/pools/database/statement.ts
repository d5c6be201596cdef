import { SluiceError } from "../../errors/index.ts";
import type { Dialect, Value } from "./database.ts";
import type { Statement } from "./driver.ts";
import { checkedParameters } from "./parameters.ts";
import { planStatement, type StatementPlan } from "./placeholders.ts";

// Texts that are made anew for each call would else fill the memory; what is that long takes longer to run than to read.
const MAX_PLANS = 1_000;
const MAX_CACHED_LENGTH = 8_192;

/** Makes statements of texts and parameters. What a text says is remembered for the texts that were new most recently. */
export class Statements {
  readonly #dialect: Dialect;
  readonly #name: string;
  readonly #plans = new Map<string, StatementPlan>();

  /** @param name the pool's, for errors */
  constructor(dialect: Dialect, name: string) {
    this.#dialect = dialect;
    this.#name = name;
  }

  /** @throws SLUICE_INVALID_PARAMETER, SLUICE_PARAMETER_COUNT, SLUICE_MIXED_PLACEHOLDERS, SLUICE_QUERY_FAILED */
  statement(sql: string, params: readonly Value[], maxRows: number): Statement {
    const plan = this.#plans.get(sql) ?? this.#planFor(sql);
    const checked = checkedParameters(params);
    if (checked.length !== plan.count) throw wrongCount(plan, checked.length);
    const ordered = plan.order === undefined ? checked : plan.order.map((index) => checked[index] as Value);
    return { sql: plan.sql, params: ordered, access: plan.access, maxRows };
  }

  #planFor(sql: string): StatementPlan {
    if (typeof sql !== "string")
      throw new SluiceError("SLUICE_QUERY_FAILED", {
        name: this.#name,
        reason: `a statement is a string, not ${sql === null ? "null" : `a value of type ${typeof sql}`}`,
      });
    const plan = planStatement(sql, this.#dialect);
    if (sql.length <= MAX_CACHED_LENGTH) this.#remember(sql, plan);
    return plan;
  }

  #remember(sql: string, plan: StatementPlan): void {
    if (this.#plans.size >= MAX_PLANS) {
      const [oldest] = this.#plans.keys();
      if (oldest !== undefined) this.#plans.delete(oldest);
    }
    this.#plans.set(sql, plan);
  }
}

function wrongCount(plan: StatementPlan, given: number): SluiceError {
  if (plan.isMixed) return new SluiceError("SLUICE_MIXED_PLACEHOLDERS");
  return new SluiceError("SLUICE_PARAMETER_COUNT", { given, expected: plan.count });
}
