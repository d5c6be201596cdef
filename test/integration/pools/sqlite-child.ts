// A process of its own that writes into a database, for tests that kill it or run several of them.
//
// node --import tsx sqlite-child.ts insert PATH: inserts numbers from many callers at once, and says each that has been acknowledged.
// node --import tsx sqlite-child.ts count PATH TIMES: adds one to a counter so many times, then says it is done.
// node --import tsx sqlite-child.ts migrate PATH FOLDER: says what it has applied.
// node --import tsx sqlite-child.ts exit PATH: calls process.exit(7) in the middle of queries.

import { writeSync } from "node:fs";
import { openDatabase } from "../../../src/pools/index.ts";

const CALLERS = 50;
const HEAVY =
  "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 100000) SELECT max(x) FROM c";

const [work, path = "", argument = ""] = process.argv.slice(2);
const database = await openDatabase(`sqlite:${path}`);

if (work === "insert") {
  let next = 0;
  const insert = async (): Promise<void> => {
    for (;;) {
      const number = next++;
      await database.execute("INSERT INTO numbers VALUES (?)", [number]);
      // Written before anything else can happen: what is in the pipe survives this process.
      writeSync(1, `${number}\n`);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, insert));
} else if (work === "count") {
  const add = async (): Promise<void> => {
    await database.transaction(async (tx) => {
      const [row] = await tx.query<{ n: number }>("SELECT n FROM counter");
      await tx.execute("UPDATE counter SET n = ?", [(row?.n ?? 0) + 1]);
    });
  };
  await Promise.all(Array.from({ length: Number(argument) }, add));
  await database.close();
  writeSync(1, "done\n");
} else if (work === "migrate") {
  const applied = await database.migrate(argument);
  await database.close();
  writeSync(1, `${JSON.stringify(applied)}\n`);
} else if (work === "exit") {
  await database.open();
  for (let query = 0; query < 200; query++) database.query(HEAVY).catch(() => {});
  setTimeout(() => process.exit(7), 100);
}
