import { driverMissing } from "../../driver-missing.ts";

/** What is used of `mysql2`, and no more of it. */
export interface MysqlModule {
  createPool(options: MysqlPoolOptions): MysqlPool;
  createConnection(options: MysqlConnectionOptions): MysqlConnection;
  /** Makes parameters of a type that is said. Looking it up takes long: it loads a module. */
  readonly TypedParameter: MysqlTypedParameter;
}

export interface MysqlTypedParameter {
  readonly LONGLONG: MysqlTyped & { readonly unsigned: MysqlTyped };
}

type MysqlTyped = (value: bigint | number) => object;

/** What is bound: what the driver encodes by itself, or a typed parameter. */
export type MysqlParameter = null | boolean | number | string | Date | Buffer | object;

export interface MysqlConnectionOptions {
  readonly uri: string;
  readonly ssl?: object | string;
  readonly connectTimeout: number;
  readonly connectAttributes: Readonly<Record<string, string>>;
  readonly enableKeepAlive: boolean;
  readonly timezone: string;
  readonly supportBigNumbers: boolean;
  readonly dateStrings: readonly string[];
  readonly jsonStrings: boolean;
  readonly flags: string;
  readonly maxPreparedStatements: number;
  readonly multipleStatements?: boolean;
}

export interface MysqlPoolOptions extends MysqlConnectionOptions {
  readonly connectionLimit: number;
  readonly maxIdle: number;
  readonly idleTimeout: number;
  readonly gracefulEnd: boolean;
}

export interface MysqlPool {
  getConnection(done: (error: Error | null, connection: MysqlConnection | undefined) => void): void;
  end(done: (error?: Error | null) => void): void;
}

export interface MysqlConnection {
  /** The server's number for it. */
  readonly threadId: number | null;
  readonly stream: { on(event: "close", listener: () => void): unknown; destroy(): void };
  execute(sql: string, params: readonly MysqlParameter[]): MysqlCommand;
  query(sql: string): MysqlCommand;
  query(sql: string, done: (error: Error | null, result: unknown) => void): unknown;
  ping(done: (error: Error | null) => void): void;
  pause(): void;
  resume(): void;
  on(event: "error", listener: (error: Error) => void): unknown;
  once(event: "connect", listener: () => void): unknown;
  /** Of a connection of a pool, while it is out. */
  release(): void;
  destroy(): void;
}

/** A statement under way, without a callback: it tells what comes as it comes. */
export interface MysqlCommand {
  /** A set of rows begins; or, without columns, the next result is what a statement did. */
  on(event: "fields", listener: (columns: readonly MysqlColumn[] | undefined) => void): unknown;
  /** A row, or what a statement did. */
  on(event: "result", listener: (result: object) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  /** May come more than once. */
  on(event: "end", listener: () => void): unknown;
}

export interface MysqlColumn {
  /** What the driver names the column's values by; may be changed when the column has just been announced. */
  name: string;
  readonly columnType: number;
  readonly columnLength: number;
  /** MariaDB's name for what a column of text holds. */
  readonly extendedFormat?: string | undefined;
}

/** What a statement did. */
export interface MysqlHeader {
  readonly affectedRows: number;
  readonly insertId: number | string;
  /** Flags of the protocol. */
  readonly serverStatus?: number;
}

/** Loads `mysql2`. @throws SLUICE_DRIVER_MISSING */
export async function loadMysql(): Promise<MysqlModule> {
  try {
    const loaded = await import("mysql2");
    return loaded.default as unknown as MysqlModule;
  } catch (error) {
    throw driverMissing("mysql:", "mysql2", error);
  }
}
