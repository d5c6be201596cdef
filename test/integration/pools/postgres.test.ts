import { before, describe } from "node:test";
import { openDatabase } from "../../../src/pools/database/open-database.ts";
import { databaseContract } from "../../support/database-contract.ts";
import type { LiveServer } from "../../support/servers/live-server.ts";
import { postgresSkip, startPostgres } from "../../support/servers/postgres.ts";

describe("PostgreSQL", { skip: postgresSkip }, () => {
  let server: LiveServer;
  before(async () => {
    server = await startPostgres();
  });

  databaseContract("PostgreSQL", (options) => openDatabase(server.url, options));
});
