import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { Command } from "commander";
import { addServeCommand, gatherOptions } from "../../../src/cli/serve.ts";
import { TemporaryFolder } from "../../support/temporary-folder.ts";

const folder = new TemporaryFolder();
after(() => folder.remove());
const file = folder.write(
  "sluice.json",
  JSON.stringify({ port: 1, host: "file", limits: { maxConnections: 1 } }),
);

describe("gatherOptions", () => {
  it("takes the file, then variables, then flags, the last one strongest", async () => {
    const fromFile = { port: 1, host: "file", limits: { maxConnections: 1 } };
    assert.deepEqual(await gatherOptions({ config: file }, {}), fromFile);
    const environment = { SLUICE_CONFIG: file, SLUICE_PORT: "2", SLUICE_MAX_CONNECTIONS: "2" };
    assert.deepEqual(await gatherOptions({}, environment), {
      ...fromFile,
      port: 2,
      limits: { maxConnections: 2 },
    });
    const flags = { maxConnections: "3", page: false };
    const fromAll = { port: 2, host: "file", limits: { maxConnections: 3 }, page: false };
    assert.deepEqual(await gatherOptions(flags, environment), fromAll);
  });

  it("lets the flag name the file, whatever the variable says", async () => {
    const environment = { SLUICE_CONFIG: "missing.json" };
    assert.deepEqual((await gatherOptions({ config: file }, environment)).port, 1);
    await assert.rejects(gatherOptions({}, environment), { code: "SLUICE_CONFIG_UNREADABLE" });
    assert.deepEqual(await gatherOptions({}, { SLUICE_CONFIG: "" }), {});
  });

  it("judges every source, also what a stronger one overrules", async () => {
    const wrong = { SLUICE_PORT: "http" };
    await assert.rejects(gatherOptions({ port: "1" }, wrong), {
      code: "SLUICE_INVALID_OPTION",
      message: /SLUICE_PORT/,
    });
    await assert.rejects(gatherOptions({ port: "http" }, {}), {
      code: "SLUICE_INVALID_OPTION",
      message: /--port/,
    });
  });
});

describe("addServeCommand", () => {
  it("documents its exit codes, its variables and its file", () => {
    const help: string[] = [];
    const program = new Command().exitOverride().configureOutput({ writeOut: (text) => help.push(text) });
    addServeCommand(program);
    assert.throws(() => program.parse(["serve", "--help"], { from: "user" }), {
      code: "commander.helpDisplayed",
    });
    for (const part of ["Exit codes:", "SLUICE_MAX_CONNECTIONS", "SLUICE_CONFIG", "--config <file>"]) {
      assert.ok(help.join("").includes(part), part);
    }
  });
});
