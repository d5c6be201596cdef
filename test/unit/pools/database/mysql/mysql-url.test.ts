import assert from "node:assert/strict";
import { it } from "node:test";
import { SluiceError } from "../../../../../src/errors/index.ts";
import { mysqlTarget } from "../../../../../src/pools/database/mysql/mysql-url.ts";

const target = (query: string): ReturnType<typeof mysqlTarget> =>
  mysqlTarget(new URL(`mysql://root:hunter2@localhost:3306/test${query}`));

it("leaves a URL as it is", () => {
  assert.deepEqual(target(""), { uri: "mysql://root:hunter2@localhost:3306/test" });
  assert.deepEqual(target("?charset=utf8mb4"), {
    uri: "mysql://root:hunter2@localhost:3306/test?charset=utf8mb4",
  });
});

it("reads how to encrypt", () => {
  const uri = "mysql://root:hunter2@localhost:3306/test";
  assert.deepEqual(target("?ssl=true"), { uri, ssl: {} });
  assert.deepEqual(target("?ssl=false"), { uri });
  assert.deepEqual(target("?ssl=Amazon%20RDS"), { uri, ssl: "Amazon RDS" });
  assert.deepEqual(target(`?ssl=${encodeURIComponent('{"rejectUnauthorized":false}')}`), {
    uri,
    ssl: { rejectUnauthorized: false },
  });
});

it("refuses what would change what statements do or give, and doesn't show the password", () => {
  for (const query of ["?multipleStatements=true", "?typeCast=false", "?ssl=%7Bnot", "?timezone=local"]) {
    assert.throws(
      () => target(query),
      (error) =>
        error instanceof SluiceError &&
        error.code === "SLUICE_INVALID_URL" &&
        !error.message.includes("hunter2"),
      query,
    );
  }
});
