import assert from "node:assert/strict";
import { it } from "node:test";
import { ExitCode, exitCodeOfClose } from "../../../src/cli/exit-codes.ts";

it("each exit code means one thing", () => {
  const codes = Object.values(ExitCode);
  assert.equal(new Set(codes).size, codes.length);
});

it("a close code decides the exit code", () => {
  const expected: [ExitCode, number[]][] = [
    [ExitCode.ok, [1000, 1001, 1005]],
    [ExitCode.connectionLost, [1006]],
    [ExitCode.closedStayAway, [1002, 1003, 1007, 1008, 1009, 1010]],
    [ExitCode.closedComeBack, [1011, 1012, 1013, 1014]],
    [ExitCode.closedByApplication, [3000, 4000, 4999]],
  ];
  for (const [exitCode, closeCodes] of expected) {
    for (const closeCode of closeCodes) assert.equal(exitCodeOfClose(closeCode), exitCode, String(closeCode));
  }
});
