export type { Cache, Cacheable, CacheStats, LoadOptions, SetOptions } from "./cache/cache.ts";
export type { CacheOptions } from "./cache/cache-options.ts";
export { openCache } from "./cache/open-cache.ts";
export type {
  Database,
  Dialect,
  ExecuteResult,
  Isolation,
  Parameter,
  Queryable,
  QueryOptions,
  RowsOptions,
  StreamOptions,
  Transaction,
  TransactionOptions,
  Value,
} from "./database/database.ts";
export type { DatabaseOptions } from "./database/database-options.ts";
export { LaneQueryable } from "./database/lane-queryable.ts";
export { openDatabase } from "./database/open-database.ts";
export { noStats, type Percentiles, type PoolStats } from "./pool-stats.ts";
export type {
  Resource,
  ResourceClosed,
  ResourceCloseOptions,
  ResourceDown,
  ResourceHealth,
  ResourceUp,
} from "./resource.ts";
export { openWorkers } from "./workers/open-workers.ts";
export { type TransferItem, transfer } from "./workers/transfer.ts";
export type { AnyModule, RunOptions, WorkerFunctions, Workers, WorkersOptions } from "./workers/workers.ts";
