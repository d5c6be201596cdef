import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ExitCode } from "../../src/cli/exit-codes.ts";
import { readVersion } from "../../src/cli/version.ts";
import { CliProcess } from "../support/cli-process.ts";

describe("sluice", () => {
  it("says its version", async (t) => {
    const command = new CliProcess(t, ["--version"]);
    assert.equal(await command.exit(), ExitCode.ok);
    assert.equal(command.stdout, `${readVersion()}\n`);
  });

  it("lists its commands", async (t) => {
    const command = new CliProcess(t, ["--help"]);
    assert.equal(await command.exit(), ExitCode.ok);
    for (const name of ["serve", "connect", "bench"])
      assert.match(command.stdout, new RegExp(`\n  ${name} `));
  });

  it("says each command's flags and exit codes", async (t) => {
    for (const name of ["serve", "connect"]) {
      const command = new CliProcess(t, [name, "--help"]);
      assert.equal(await command.exit(), ExitCode.ok);
      assert.match(command.stdout, /Exit codes: 0 /);
    }
  });

  it("refuses what makes no sense", async (t) => {
    for (const argv of [[], ["sreve"], ["serve", "--prot", "1"]]) {
      const command = new CliProcess(t, argv);
      assert.equal(await command.exit(), ExitCode.usage, argv.join(" "));
      assert.equal(command.stdout, "");
      assert.notEqual(command.stderr, "");
    }
  });
});
