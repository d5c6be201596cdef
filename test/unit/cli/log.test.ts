import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Log, type LogLevel } from "../../../src/cli/log.ts";

function setUp(level: LogLevel): { log: Log; lines: string[] } {
  const lines: string[] = [];
  return {
    log: new Log(
      level,
      (line) => lines.push(line),
      () => new Date(0),
    ),
    lines,
  };
}

describe("Log", () => {
  it("writes the time, the level, the event and its fields on one line", () => {
    const { log, lines } = setUp("info");
    log.warn("a thing happened", { status: 403, from: "::1", left: undefined });
    assert.deepEqual(lines, ['1970-01-01T00:00:00.000Z warn  a thing happened status=403 from="::1"\n']);
  });

  it("writes what a peer chose so that it forges, commands and floods nothing", () => {
    const { log, lines } = setUp("info");
    log.error("x", { path: `/\r\n1970 error y\x1b[2J"\u2028${"a".repeat(1_000_000)}` });
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? "", /^[^\p{C}\p{Zl}\p{Zp}]+\n$/u);
    assert.ok((lines[0] ?? "").length < 400);
  });

  it("leaves out what is below its level", () => {
    const written = (level: LogLevel): number => {
      const { log, lines } = setUp(level);
      log.error("a");
      log.warn("b");
      log.info("c");
      log.debug("d");
      return lines.length;
    };
    assert.deepEqual((["silent", "error", "warn", "info", "debug"] as const).map(written), [0, 1, 2, 3, 4]);
  });

  it("says which levels are on", () => {
    assert.equal(setUp("warn").log.isOn("warn"), true);
    assert.equal(setUp("warn").log.isOn("info"), false);
    assert.equal(setUp("silent").log.isOn("error"), false);
  });
});
