/// <reference path="./pg-cursor.d.ts" />

import { driverMissing } from "../../driver-missing.ts";

/** What is used of `pg`, and no more of it. */
export interface PgModule {
  readonly Pool: new (options: PgPoolOptions) => PgPool;
  readonly Client: PgClientConstructor;
  readonly Connection: new (options: PgConnectionOptions) => PgConnection;
  readonly types: { readonly arrayParser: PgArrayParser };
}

/** `pg-types`' parser of array literals. */
export interface PgArrayParser {
  create(source: string, transform: (element: string | null) => unknown): { parse(): unknown[] };
}

export type PgClientConstructor = new (options: PgClientOptions) => PgClient;

/** How a client connects. */
export interface PgClientOptions {
  readonly connectionString: string;
  readonly connectionTimeoutMillis?: number;
  readonly fallback_application_name: string;
  readonly keepAlive: boolean;
  readonly types: PgTypes;
}

export interface PgPoolOptions extends PgClientOptions {
  readonly max: number;
  readonly idleTimeoutMillis: number;
  readonly onConnect: (client: PgClient) => Promise<unknown>;
  readonly Client: PgClientConstructor;
}

/** What reads the values of a column's type. */
export interface PgTypes {
  getTypeParser(oid: number, format?: string): (value: string) => unknown;
}

export interface PgPool {
  connect(done: (error: Error | undefined, client: PgClient | undefined) => void): void;
  on(event: "connect", listener: (client: PgClient) => void): unknown;
  on(event: "remove", listener: (client: PgClient) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  end(): Promise<void>;
}

export interface PgClient {
  readonly connection: PgConnection;
  readonly host: string;
  readonly port: number;
  readonly ssl: unknown;
  readonly sslNegotiation?: string;
  readonly processID: number | null;
  readonly secretKey: number | null;
  /** `I` outside of a transaction, `T` within one, `E` within one that has failed; as of the last answer. */
  getTransactionStatus(): string | null;
  connect(): Promise<unknown>;
  query(sql: string): Promise<PgResult>;
  query(sql: string, done: (error: Error | null, result: PgResult | PgResult[]) => void): void;
  query(query: PgSubmittable): void;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "end", listener: () => void): unknown;
  /** Of a client of a pool, while it is out. */
  release(error?: Error | boolean): void;
  end(): Promise<void>;
}

export interface PgResult {
  readonly command: string | null;
  readonly rows: Record<string, unknown>[];
}

export interface PgField {
  readonly name: string;
  readonly dataTypeID: number;
  readonly format: string;
}

/** What a client runs: it sends messages, and is given those that come back. */
export interface PgSubmittable {
  submit(connection: PgConnection): Error | null | undefined;
  handleRowDescription(message: { readonly fields: readonly PgField[] }): void;
  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void;
  handleCommandComplete(message: { readonly text: string }, connection: PgConnection): void;
  handleEmptyQuery(connection: PgConnection): void;
  handleReadyForQuery(connection: PgConnection): void;
  handleError(error: Error, connection: PgConnection): void;
  handlePortalSuspended(connection: PgConnection): void;
  handleCopyInResponse(connection: PgConnection): void;
  handleCopyData(): void;
}

export interface PgConnectionOptions {
  readonly ssl: unknown;
  readonly sslNegotiation?: string;
}

export interface PgConnection {
  readonly stream: { cork(): void; uncork(): void; destroy(): void; unref(): void };
  /** The statements that the server has parsed, by their names. */
  readonly parsedStatements: Record<string, string>;
  connect(port: number, host: string): void;
  /** @param path a socket's */
  connect(path: string): void;
  requestSsl(): void;
  cancel(processId: number, secretKey: number): void;
  parse(message: { readonly name: string; readonly text: string }): void;
  describe(message: { readonly type: "S" | "P"; readonly name: string }): void;
  bind(message: { readonly statement: string; readonly values: readonly (string | Buffer | null)[] }): void;
  execute(message: { readonly portal: string; readonly rows: number }): void;
  close(message: { readonly type: "S" | "P"; readonly name: string }): void;
  sync(): void;
  sendCopyFail(reason: string): void;
  on(event: "connect" | "sslconnect" | "end", listener: () => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** What is used of `pg-cursor`. */
export type PgCursorConstructor = new (sql: string, values: readonly (string | Buffer | null)[]) => PgCursor;

export interface PgCursor extends PgSubmittable {
  read(rows: number, done: (error: Error | null | undefined, rows: Record<string, unknown>[]) => void): void;
  close(done: (error?: Error) => void): void;
}

/** Loads `pg` and `pg-cursor`. @throws SLUICE_DRIVER_MISSING */
export async function loadPg(): Promise<{ pg: PgModule; Cursor: PgCursorConstructor }> {
  try {
    const [pg, cursor] = await Promise.all([import("pg"), import("pg-cursor")]);
    return {
      pg: pg.default as unknown as PgModule,
      Cursor: cursor.default as unknown as PgCursorConstructor,
    };
  } catch (error) {
    throw driverMissing("postgres:", "pg pg-cursor", error);
  }
}
