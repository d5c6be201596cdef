import type { Value } from "../../src/pools/database/database.ts";
import type {
  BeginOptions,
  DatabaseDriver,
  DriverTransaction,
  Failure,
  RowStream,
  Running,
  ScriptRunner,
  Statement,
  StatementResult,
} from "../../src/pools/database/driver.ts";

/** What a driver throws, with what it means. */
export class FakeFailure extends Error {
  readonly kind: Failure["kind"];

  constructor(kind: Failure["kind"], message = `it is ${kind}`) {
    super(message);
    this.kind = kind;
  }
}

/** How a statement is answered: with rows, with a failure, or not before it is cancelled. */
export type FakeAnswer = Record<string, Value>[] | Error | "never";

/** A driver without a database: it answers as a test says, and remembers what it was asked. */
export class FakeDatabaseDriver implements DatabaseDriver {
  readonly dialect: DatabaseDriver["dialect"];
  readonly capacity: number;
  readonly maxSize: number;
  size = 0;
  idle = 0;
  connects = 0;
  /** Texts of the statements, and of what transactions begin and end with, in order. */
  readonly asked: string[] = [];
  readonly began: BeginOptions[] = [];
  /** How long commits might take. */
  readonly commitTimes: (number | undefined)[] = [];
  cancelled = 0;
  closed = 0;
  closedStreams = 0;
  underWay = 0;
  mostUnderWay = 0;
  /** How each statement is answered. */
  answer: (statement: Statement) => FakeAnswer = () => [];
  /** How pings, beginnings and commits go. */
  onPing: () => Promise<void> = async () => {};
  onBegin: () => Promise<void> = async () => {};
  onCommit: () => Promise<void> = async () => {};
  /** Has `cancel` do nothing: the answer comes regardless. */
  ignoresCancel = false;

  constructor(dialect: DatabaseDriver["dialect"] = "sqlite", capacity = 2) {
    this.dialect = dialect;
    this.capacity = capacity;
    this.maxSize = capacity;
  }

  run(statement: Statement): Running<StatementResult> {
    this.asked.push(statement.sql);
    this.#enter();
    let cancel = (): void => {};
    const cancelled = new Promise<never>((_, reject) => {
      cancel = () => reject(new FakeFailure("cancelled"));
    });
    cancelled.catch(() => {});
    return {
      result: this.#answered(statement, cancelled),
      cancel: () => {
        this.cancelled += 1;
        if (!this.ignoresCancel) cancel();
      },
    };
  }

  stream(statement: Statement, batchRows: number): RowStream {
    this.asked.push(statement.sql);
    const answer = this.answer(statement);
    let from = 0;
    let close = (): void => {};
    const closed = new Promise<never[]>((resolve) => {
      close = () => resolve([]);
    });
    return {
      next: async () => {
        if (answer instanceof Error) throw answer;
        if (answer === "never") return closed;
        from += batchRows;
        return answer.slice(from - batchRows, from);
      },
      close: async () => {
        this.closedStreams += 1;
        close();
      },
    };
  }

  async begin(options: BeginOptions): Promise<DriverTransaction> {
    this.began.push(options);
    this.asked.push("BEGIN");
    await this.onBegin();
    return {
      run: (statement) => this.run(statement),
      stream: (statement, batchRows) => this.stream(statement, batchRows),
      commit: async (withinMs) => {
        this.commitTimes.push(withinMs);
        this.asked.push("COMMIT");
        await this.onCommit();
      },
      rollback: async () => {
        this.asked.push("ROLLBACK");
      },
    };
  }

  ping(): Promise<void> {
    return this.onPing();
  }

  classify(error: unknown): Failure {
    return { kind: error instanceof FakeFailure ? error.kind : "statement" };
  }

  exclusively<Result>(
    lock: string,
    work: (session: ScriptRunner) => Promise<Result>,
    _signal?: AbortSignal,
  ): Promise<Result> {
    this.asked.push(`LOCK ${lock}`);
    return work({
      run: (statement) => this.run(statement),
      stream: (statement, batchRows) => this.stream(statement, batchRows),
      script: async (sql) => {
        await this.run({ sql, params: [], access: "write", maxRows: 0 }).result;
      },
    });
  }

  async close(): Promise<void> {
    this.closed += 1;
  }

  #enter(): void {
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
  }

  async #answered(statement: Statement, cancelled: Promise<never>): Promise<StatementResult> {
    try {
      // An answer takes a turn, as a server's does.
      await new Promise((resolve) => setImmediate(resolve));
      const answer = this.answer(statement);
      if (answer === "never") return await cancelled;
      if (answer instanceof Error) throw answer;
      return { rows: answer, affectedRows: answer.length, lastInsertId: undefined };
    } finally {
      this.underWay -= 1;
    }
  }
}
