import type { BeginOptions } from "../driver.ts";
import { runOn } from "../servers/run-on.ts";
import type { ServerDialect } from "../servers/server-driver.ts";
import type { Session } from "../servers/session.ts";
import { classifyMysqlError } from "./mysql-failure.ts";

// Of the server, not of a database as elsewhere, and of 64 characters at most.
const LOCK_NAME = "SHA1(CONCAT_WS('/', DATABASE(), ?))";
const LOCK_SECONDS = 60;

/** What is MySQL's own. */
export const mysqlDialect: ServerDialect = {
  dialect: "mysql",
  begin: ({ isolation, readOnly }: BeginOptions): string[] => [
    // For the transaction that comes next.
    ...(isolation === undefined ? [] : [`SET TRANSACTION ISOLATION LEVEL ${isolation.toUpperCase()}`]),
    readOnly ? "START TRANSACTION READ ONLY" : "START TRANSACTION",
  ],
  lock: async (session: Session, name: string): Promise<void> => {
    for (;;) {
      const { rows } = await runOn(session, `SELECT GET_LOCK(${LOCK_NAME}, ${LOCK_SECONDS}) AS got`, [name]);
      const got = rows[0]?.["got"];
      if (got === 1) return;
      if (got !== 0) throw new Error("the server couldn't give the lock");
    }
  },
  unlock: async (session: Session, name: string): Promise<void> => {
    await runOn(session, `SELECT RELEASE_LOCK(${LOCK_NAME}) AS released`, [name]);
  },
  classify: classifyMysqlError,
};
