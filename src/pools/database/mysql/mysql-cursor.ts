import type { Value } from "../database.ts";
import type { LostError } from "../servers/connection-errors.ts";
import type { SessionCursor } from "../servers/session.ts";
import type { MysqlColumn, MysqlCommand, MysqlHeader } from "./mysql-module.ts";
import type { ActiveWork } from "./mysql-query.ts";
import { type ColumnConversion, conversionsOf, convertRow } from "./mysql-values.ts";

type Row = Record<string, Value>;

/** What a cursor needs of its session. */
export interface CursorSession {
  free(): void;
  /** The server has done a statement, and says how its session is. */
  onStatus(header: MysqlHeader): void;
  asFailure(error: unknown): unknown;
  interrupt(): Promise<void>;
  /** Has the connection read nothing more. */
  pause(): void;
  resume(): void;
}

/** Rows as they come, read no faster than they are asked for: the server waits while the connection isn't read. */
export class MysqlCursor implements SessionCursor, ActiveWork {
  readonly #session: CursorSession;
  readonly #batchRows: number;
  #rows: Row[] = [];
  #conversions: readonly ColumnConversion[] | null = null;
  #areRows = false;
  #failure: { readonly error: unknown } | null = null;
  #isEnded = false;
  #isClosed = false;
  #isPaused = false;
  #wake: (() => void) | null = null;

  constructor(session: CursorSession, batchRows: number) {
    this.#session = session;
    this.#batchRows = batchRows;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Listens to its command. */
  follow(command: MysqlCommand): void {
    command.on("fields", (columns) => this.#onColumns(columns));
    command.on("result", (result) => this.#onResult(result));
    command.on("error", (error) => {
      this.#failure ??= { error: this.#session.asFailure(error) };
    });
    command.on("end", () => this.#end());
  }

  async next(): Promise<Row[]> {
    if (this.#rows.length < this.#batchRows && !this.#isEnded) {
      await new Promise<void>((resolve) => {
        // Before it reads on: what was read already comes at once.
        this.#wake = resolve;
        this.#resume();
      });
    }
    if (this.#rows.length > 0 && !this.#isClosed) {
      const rows = this.#rows;
      this.#rows = rows.splice(this.#batchRows);
      return rows;
    }
    if (this.#failure !== null) throw this.#failure.error;
    return [];
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#rows = [];
    if (this.#isEnded) return;
    const ended = new Promise<void>((resolve) => {
      const wake = this.#wake;
      this.#wake = () => {
        wake?.();
        resolve();
      };
    });
    // What has been sent by then is read and dropped.
    this.#resume();
    await Promise.all([this.#session.interrupt(), ended]);
  }

  broken(error: LostError): void {
    this.#failure ??= { error };
    this.#end();
  }

  #onColumns(columns: readonly MysqlColumn[] | undefined): void {
    this.#areRows = columns !== undefined;
    if (columns !== undefined) this.#conversions = conversionsOf(columns);
  }

  #onResult(result: object): void {
    if (!this.#areRows) this.#session.onStatus(result as MysqlHeader);
    if (!this.#areRows || this.#isClosed) return;
    const row = result as Row;
    try {
      if (this.#conversions !== null) convertRow(row, this.#conversions);
    } catch (error) {
      this.#failure ??= { error };
      return;
    }
    this.#rows.push(row);
    if (this.#rows.length < this.#batchRows) return;
    this.#isPaused = true;
    this.#session.pause();
    this.#wakeUp();
  }

  #end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#session.free();
    this.#wakeUp();
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#session.resume();
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
