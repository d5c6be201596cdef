import assert from "node:assert/strict";
import { test } from "node:test";
import { Command, CommanderError } from "commander";
import { addBenchCommand } from "../../../../src/cli/bench/command.ts";

function parse(...argv: string[]): Promise<unknown> {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} });
  addBenchCommand(program);
  return program.parseAsync(["bench", ...argv], { from: "user" });
}

const wrong: [argv: string[], problem: RegExp][] = [
  [["ws://localhost", "--connections", "many"], /--connections: it must be a whole number .* not "many"/],
  [["ws://localhost", "-d", "-1"], /--duration: it must be a number from/],
  [["ws://localhost", "--mode", "flood"], /--mode: it must be one of echo/],
  [["ws://localhost", "--connect-timeout", "x"], /--connect-timeout/],
  [["ws://localhost", "--allow-remote", "--header", "nothing"], /--header: it must be 'Name: value'/],
  [["ws://localhost", "--message", "no marker"], /message: it needs a time marker/],
  [["gopher://localhost"], /URL/],
];
for (const [argv, message] of wrong) {
  test(`${argv.slice(1).join(" ") || argv[0]} is refused`, async () => {
    await assert.rejects(parse(...argv), { code: "SLUICE_INVALID_OPTION", message });
  });
}

test("another machine is refused", async () => {
  await assert.rejects(parse("ws://192.0.2.1/"), { code: "SLUICE_REMOTE_TARGET" });
});

test("an unknown flag, and no URL at all, are for commander to refuse", async () => {
  await assert.rejects(parse("ws://localhost", "--unknown"), CommanderError);
  await assert.rejects(parse(), CommanderError);
});
