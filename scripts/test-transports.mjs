// Runs the tests on both byte streams, the fast one and the portable one: node scripts/test-transports.mjs [FILTER]...

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const runTests = fileURLToPath(new URL("run-tests.mjs", import.meta.url));
const failed = [];

for (const transport of ["portable", "auto"]) {
  console.log(`\n── SLUICE_TRANSPORT=${transport}`);
  const { status } = spawnSync(process.execPath, [runTests, ...process.argv.slice(2)], {
    stdio: "inherit",
    env: { ...process.env, SLUICE_TRANSPORT: transport },
  });
  if (status !== 0) failed.push(transport);
}

if (failed.length > 0) console.error(`test-transports: failed on ${failed.join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;
