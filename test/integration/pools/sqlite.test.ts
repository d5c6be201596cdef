import { join } from "node:path";
import { after } from "node:test";
import { openDatabase } from "../../../src/pools/index.ts";
import { databaseContract } from "../../support/database-contract.ts";
import { TemporaryFolder } from "../../support/temporary-folder.ts";

const folder = new TemporaryFolder();
after(() => folder.remove());

databaseContract("SQLite", (options) => openDatabase(`sqlite:${join(folder.path, "contract.db")}`, options));
databaseContract("SQLite in memory", (options) => openDatabase("sqlite::memory:", options));
