// Holds the unit tests to the shape of src: src/room/file.ts has its tests in test/unit/room/file.test.ts, and no test is left behind
// when its file goes. Only an index.ts, and a file that has nothing but types in it, needs none; nor does what starts processes or
// reads the terminal, which is run as a whole.

import { existsSync, readFileSync } from "node:fs";
import ts from "typescript";
import { listFiles } from "./list-files.mjs";

process.chdir(new URL("..", import.meta.url).pathname);

// By which tests each of these is run: as a user would, or together with what gives it its meaning.
const testedElsewhere = {
  "src/cli/main.ts": "test/integration/cli-main.test.ts",
  "src/cli/connect.ts": "test/integration/cli-connect.test.ts",
  "src/cli/bench/options.ts": "test/unit/cli/bench/resolve-options.test.ts",
  "src/cli/bench/run-bench.ts": "test/integration/bench.test.ts",
  "src/cli/bench/worker-fleet.ts": "test/integration/bench.test.ts",
  "src/cli/bench/worker-main.ts": "test/integration/bench.test.ts",
  "src/cli/bench/worker-session.ts": "test/integration/bench.test.ts",
  "src/server/option-schemas.ts": "test/unit/server/resolve-options.test.ts",
  "src/pools/workers/give-way.ts": "test/integration/pools/workers.test.ts",
  "src/pools/workers/open-workers.ts": "test/integration/pools/workers.test.ts",
  "src/pools/workers/pooled-workers.ts": "test/integration/pools/workers.test.ts",
  "src/pools/workers/thread-entry.ts": "test/integration/pools/workers.test.ts",
  "src/pools/workers/threads.ts": "test/integration/pools/workers.test.ts",
  // What a driver's own part of a pool does shows against its real server.
  "src/pools/database/mysql/mysql-connections.ts": "test/integration/pools/mysql.test.ts",
  "src/pools/database/mysql/mysql-cursor.ts": "test/integration/pools/mysql.test.ts",
  "src/pools/database/mysql/mysql-dialect.ts": "test/integration/pools/mysql.test.ts",
  "src/pools/database/mysql/mysql-driver.ts": "test/integration/pools/mysql.test.ts",
  "src/pools/database/mysql/mysql-interrupt.ts": "test/integration/pools/mysql.test.ts",
  "src/pools/database/mysql/mysql-module.ts": "test/integration/pools/mysql.test.ts",
  "src/pools/database/mysql/mysql-query.ts": "test/integration/pools/mysql.test.ts",
  "src/pools/database/mysql/mysql-session.ts": "test/integration/pools/mysql.test.ts",
  "src/pools/database/postgres/pg-module.ts": "test/integration/pools/postgres.test.ts",
  "src/pools/database/postgres/postgres-connections.ts": "test/integration/pools/postgres.test.ts",
  "src/pools/database/postgres/postgres-cursor.ts": "test/integration/pools/postgres.test.ts",
  "src/pools/database/postgres/postgres-dialect.ts": "test/integration/pools/postgres.test.ts",
  "src/pools/database/postgres/postgres-driver.ts": "test/integration/pools/postgres.test.ts",
  "src/pools/database/postgres/postgres-interrupt.ts": "test/integration/pools/postgres.test.ts",
  "src/pools/database/postgres/postgres-query.ts": "test/integration/pools/postgres.test.ts",
  "src/pools/database/postgres/postgres-session.ts": "test/integration/pools/postgres.test.ts",
  "src/pools/database/servers/promised.ts": "test/integration/pools/outage.test.ts",
  "src/pools/database/servers/run-on.ts": "test/integration/pools/outage.test.ts",
  "src/pools/database/servers/server-driver.ts": "test/integration/pools/outage.test.ts",
  "src/pools/database/servers/session-keeper.ts": "test/integration/pools/outage.test.ts",
  "src/pools/database/servers/session-runner.ts": "test/integration/pools/outage.test.ts",
  "src/pools/database/servers/session-stream.ts": "test/integration/pools/outage.test.ts",
  "src/pools/database/servers/session-transaction.ts": "test/integration/pools/outage.test.ts",
  "src/pools/database/sqlite/thread-main.ts": "test/integration/pools/sqlite.test.ts",
};

const sources = listFiles("src").filter((path) => path.endsWith(".ts"));
const tests = listFiles("test/unit").filter((path) => path.endsWith(".test.ts"));
const problems = [
  ...(sources.length === 0 ? ["there are no files in src"] : []),
  ...sources.filter((path) => needsTests(path) && !tests.includes(testOf(path))).map(missing),
  ...Object.entries(testedElsewhere).flatMap(([path, test]) => stale(path, test)),
  ...tests.filter((path) => !sources.includes(sourceOf(path))).map(orphaned),
];

for (const problem of problems) console.error(`✖ ${problem}`);
console.log(`mirror: ${sources.length} files, ${tests.length} tests, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

function needsTests(path) {
  if (path.endsWith("/index.ts") || path.endsWith(".d.ts") || Object.hasOwn(testedElsewhere, path))
    return false;
  return !isTypesOnly(path);
}

// Types are gone once it is compiled: what is left of such a file is that it is a module.
function isTypesOnly(path) {
  const { outputText } = ts.transpileModule(readFileSync(path, "utf8"), {
    compilerOptions: {
      target: ts.ScriptTarget.ESNext,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      removeComments: true,
    },
  });
  return outputText.replace(/export \{\};?/, "").trim() === "";
}

function testOf(path) {
  return path.replace(/^src\//, "test/unit/").replace(/\.ts$/, ".test.ts");
}

function sourceOf(path) {
  return path.replace(/^test\/unit\//, "src/").replace(/\.test\.ts$/, ".ts");
}

function missing(path) {
  return `${path} has no unit tests: write ${testOf(path)}`;
}

function stale(path, test) {
  return [path, test]
    .filter((file) => !existsSync(file))
    .map((file) => `there is no ${file} any more: correct testedElsewhere`);
}

function orphaned(path) {
  return `${path} tests no file: there is no ${sourceOf(path)}`;
}
