import { type DatabaseOptions, databaseDefaults } from "../../src/pools/database/database-options.ts";
import { type PooledDatabase, pooledDatabase } from "../../src/pools/database/pooled-database.ts";
import { Meter } from "../../src/pools/meter.ts";
import type { FakeDatabaseDriver } from "./fake-database-driver.ts";

/** A pool on a driver without a database. */
export function fakeDatabase(driver: FakeDatabaseDriver, options: DatabaseOptions = {}): PooledDatabase {
  const name = options.name ?? "fake";
  return pooledDatabase(driver, new Meter(name), {
    ...databaseDefaults,
    name,
    maxConnections: driver.capacity,
    ...options,
  });
}
