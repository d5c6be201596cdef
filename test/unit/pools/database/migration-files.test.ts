import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { invalidMigrations, readMigrations } from "../../../../src/pools/database/migration-files.ts";
import { TemporaryFolder } from "../../../support/temporary-folder.ts";

describe("readMigrations", () => {
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = new TemporaryFolder();
  });
  afterEach(() => folder.remove());

  it("reads SQL files by their numbers, whatever they are written like", async () => {
    folder.write("10-ten.sql", "ten");
    folder.write("002-two.sql", "two");
    folder.write("1_one.sql", "one");
    folder.write("README.md", "not SQL");
    const files = await readMigrations(folder.path);
    assert.deepEqual(
      files.map(({ name, number, sql }) => [name, number, sql]),
      [
        ["1_one.sql", 1, "one"],
        ["002-two.sql", 2, "two"],
        ["10-ten.sql", 10, "ten"],
      ],
    );
    assert.deepEqual(await readMigrations(pathToFileURL(folder.path)), files);
    assert.deepEqual(await readMigrations(pathToFileURL(folder.path).href), files);
  });

  it("has the same checksum whatever ends the lines, and another for another text", async () => {
    const checksum = async (sql: string): Promise<string | undefined> => {
      folder.write("1-one.sql", sql);
      return (await readMigrations(folder.path))[0]?.checksum;
    };
    const first = await checksum("a\nb\n");
    assert.match(String(first), /^[0-9a-f]{64}$/);
    assert.equal(await checksum("\ufeffa\r\nb\r\n"), first);
    assert.notEqual(await checksum("a\nb"), first);
  });

  it("refuses two of the same number, names without one, and a folder that can't be read", async () => {
    await assert.rejects(readMigrations(`${folder.path}/nowhere`), {
      code: "SLUICE_MIGRATION_INVALID",
      message: /ENOENT/,
    });
    folder.write("001-a.sql", "");
    folder.write("1-b.sql", "");
    await assert.rejects(readMigrations(folder.path), {
      code: "SLUICE_MIGRATION_INVALID",
      message: /have the same number/,
    });
    folder.write("users.sql", "");
    await assert.rejects(readMigrations(folder.path), {
      code: "SLUICE_MIGRATION_INVALID",
      message: /users\.sql is to begin with a number/,
    });
  });
});

describe("invalidMigrations", () => {
  it("says which folder it is", () => {
    assert.match(invalidMigrations("/some/where", "it is so").message, /in \/some\/where: it is so\.$/);
  });
});
