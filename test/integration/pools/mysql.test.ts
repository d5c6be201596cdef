import { before, describe } from "node:test";
import { openDatabase } from "../../../src/pools/database/open-database.ts";
import { databaseContract } from "../../support/database-contract.ts";
import type { LiveServer } from "../../support/servers/live-server.ts";
import { mariadbSkip, startMariadb } from "../../support/servers/mariadb.ts";

describe("MariaDB", { skip: mariadbSkip }, () => {
  let server: LiveServer;
  before(async () => {
    server = await startMariadb();
  });

  databaseContract("MariaDB", (options) => openDatabase(server.url, options));
});
