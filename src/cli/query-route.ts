import { SluiceError } from "../errors/index.ts";
import type { Database } from "../pools/index.ts";
import { type RouteOptions, route } from "../server/index.ts";
import type { Connection } from "../transport/index.ts";
import { type DemoDatabase, makeTable } from "./demo-database.ts";

/** How many users there are to ask for. */
export const USERS = 10_000;
// A name of its own: a database that is lent to the demo may have users.
const TABLE = "sluice_users";
const SELECT = `SELECT id, name FROM ${TABLE} WHERE id = ?`;
const ROWS_AT_ONCE = 500;

/** What a query gives. */
export interface DemoUser {
  readonly id: number;
  readonly name: string;
}

/** Makes the table of users and fills it, unless it is there. */
export async function prepareUsers(database: Database): Promise<void> {
  await makeTable(database, TABLE, "id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(50) NOT NULL");
  if (await isFilled(database)) return;
  try {
    await fill(database);
  } catch (error) {
    // Another process may have been faster.
    if (!(await isFilled(database))) throw error;
  }
}

/** `/query`: each message is the id of a user, and is answered with the user as JSON, `null` if there is none. */
export function queryRoute(
  users: DemoDatabase,
  report: (error: unknown, socket: Connection) => void,
): RouteOptions {
  return route({
    handler: {
      message: async (socket, message) => {
        const text = String(message);
        if (!/^\d{1,9}$/.test(text)) {
          socket.send(`{"error":"Send the id of a user, from 1 to ${USERS}."}`);
          return;
        }
        try {
          const database = await users.ready();
          const [user = null] = await database.query<DemoUser>(SELECT, [Number(text)]);
          socket.send(JSON.stringify(user));
        } catch (error) {
          report(error, socket);
          socket.send(JSON.stringify({ error: error instanceof SluiceError ? error.code : "UNKNOWN" }));
        }
      },
    },
  });
}

async function isFilled(database: Database): Promise<boolean> {
  const rows = await database.query(SELECT, [USERS]);
  return rows.length > 0;
}

async function fill(database: Database): Promise<void> {
  await database.transaction(async (tx) => {
    for (let first = 1; first <= USERS; first += ROWS_AT_ONCE) {
      const ids = Array.from({ length: ROWS_AT_ONCE }, (_, index) => first + index);
      const places = ids.map(() => "(?, ?)").join(", ");
      const values = ids.flatMap((id) => [id, `user ${id}`]);
      await tx.execute(`INSERT INTO ${TABLE} (id, name) VALUES ${places}`, values);
    }
  });
}
