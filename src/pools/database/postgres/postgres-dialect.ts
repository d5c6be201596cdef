import type { BeginOptions } from "../driver.ts";
import { runOn } from "../servers/run-on.ts";
import type { ServerDialect } from "../servers/server-driver.ts";
import type { Session } from "../servers/session.ts";
import { classifyPostgresError } from "./postgres-failure.ts";

/** What is PostgreSQL's own. */
export const postgresDialect: ServerDialect = {
  dialect: "postgres",
  begin: ({ isolation, readOnly }: BeginOptions): string[] => {
    const level = isolation === undefined ? "" : ` ISOLATION LEVEL ${isolation.toUpperCase()}`;
    return [`BEGIN${level}${readOnly ? " READ ONLY" : ""}`];
  },
  lock: async (session: Session, name: string): Promise<void> => {
    await runOn(session, "SELECT pg_advisory_lock(hashtextextended($1, 0))", [name]);
  },
  unlock: async (session: Session, name: string): Promise<void> => {
    await runOn(session, "SELECT pg_advisory_unlock(hashtextextended($1, 0))", [name]);
  },
  classify: classifyPostgresError,
};
