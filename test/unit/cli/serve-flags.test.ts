import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Command } from "commander";
import { addServeFlags, settingsFromFlags } from "../../../src/cli/serve-flags.ts";
import { flagOf, serveSettings } from "../../../src/cli/serve-settings.ts";

function parse(...argv: string[]): Record<string, unknown> {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  addServeFlags(command);
  return command.parse(argv, { from: "user" }).opts();
}

describe("serve's flags", () => {
  it("are in the help, each with its default", () => {
    const command = new Command();
    addServeFlags(command);
    const help = command.helpInformation();
    for (const [key, { fallback }] of Object.entries(serveSettings)) {
      assert.ok(help.includes(flagOf(key)), key);
      assert.ok(help.replace(/\s+/g, " ").includes(`(default: ${fallback})`), fallback);
    }
  });

  it("are read as their settings", () => {
    const flags = parse(
      "--port",
      "9000",
      "--max-message-bytes",
      "2MiB",
      "--no-page",
      "--compression",
      "--idle-timeout-ms",
      "none",
    );
    assert.deepEqual(settingsFromFlags(flags), {
      port: 9000,
      maxMessageBytes: 2_097_152,
      page: false,
      compression: true,
      idleTimeoutMs: null,
    });
    assert.deepEqual(settingsFromFlags(parse()), {});
  });

  it("are refused with what they must be", () => {
    assert.throws(() => settingsFromFlags(parse("--max-connections", "0")), {
      code: "SLUICE_INVALID_OPTION",
      message: 'Correct the option --max-connections: it must be a whole number from 1 up, not "0".',
    });
    assert.throws(() => parse("--max-conections", "1"), { code: "commander.unknownOption" });
  });
});
