import assert from "node:assert/strict";
import { describe, it } from "node:test";
import ts from "typescript";
import { ExitCode, exitCodeOfClose } from "../../src/cli/exit-codes.ts";
import { errorCodes } from "../../src/errors/index.ts";
import { emptyStats } from "../../src/transport/server-stats.ts";
import { CloseCode, isValidCloseCode } from "../../src/websocket/index.ts";
import { tableAfter, ticked } from "../support/pages.ts";
import { nodesOf, parsedUnder } from "../support/source.ts";

const PAGE = "docs/errors.md";
const ENGINE = ["src/websocket", "src/transport", "src/server"];

describe("docs/errors.md", () => {
  it("has every error code, with its sentence", () => {
    const rows = tableAfter(PAGE, "Error codes").map(([code = "", sentence]) => [ticked(code)[0], sentence]);
    assert.deepEqual(Object.fromEntries(rows), errorCodes);
  });

  it("says of those codes alone that nothing throws them, that nothing throws", () => {
    const files = parsedUnder("src").filter(({ fileName }) => fileName !== "src/errors/error-codes.ts");
    const used = new Set(nodesOf(files, ts.isStringLiteral).map(({ text }) => text));
    for (const [code = "", , thrownBy] of tableAfter(PAGE, "Error codes")) {
      assert.equal(thrownBy === "nothing yet", !used.has(ticked(code)[0] ?? ""), code);
    }
  });

  it("has every close code, by its name", () => {
    const rows = tableAfter(PAGE, "Close codes").map(([code, name = ""]) => [ticked(name)[0], Number(code)]);
    assert.deepEqual(Object.fromEntries(rows), CloseCode);
  });

  it("says which close codes Sluice sends, and with which reasons", () => {
    const { codes, reasons } = closesInCode();
    const literals = new Set(nodesOf(parsedUnder(...ENGINE), ts.isStringLiteral).map(({ text }) => text));
    for (const [code = "", name = "", when = "", reason = ""] of tableAfter(PAGE, "Close codes")) {
      const key = ticked(name)[0] ?? "";
      const isSent = codes.has(key) && isValidCloseCode(Number(code));
      assert.equal(!when.startsWith("never"), isSent, `${code} is sent`);
      const documented = ticked(reason);
      for (const inCode of reasons.get(key) ?? [])
        assert.ok(documented.includes(inCode), `${code} ${inCode}`);
      for (const text of documented) assert.ok(literals.has(text), `${code} ${text} is in no source file`);
    }
  });

  it("tells clients to come back, or to stay away, as the command line does", () => {
    for (const [code, , , , advice] of tableAfter(PAGE, "Close codes")) {
      const exit = exitCodeOfClose(Number(code));
      if (advice === "come back") assert.ok(exit === ExitCode.closedComeBack || code === "1001", code);
      else if (advice === "stay away") assert.equal(exit, ExitCode.closedStayAway, code);
      else assert.ok(exit !== ExitCode.closedComeBack || code === "1015", code);
    }
  });

  it("has every status that a request may be refused with, and every cause", () => {
    const rows = tableAfter(PAGE, "Statuses of refused handshakes");
    assert.deepEqual(
      rows.map(([status]) => Number(status)),
      [...statusesInCode()].sort((a, b) => a - b),
    );
    const causes = new Set(rows.flatMap(([, , cause = ""]) => ticked(cause)));
    assert.deepEqual([...causes].sort(), Object.keys(emptyStats().refused).sort());
  });

  it("has every exit code, by its name", () => {
    const rows = tableAfter(PAGE, "Exit codes").map(([code, name = ""]) => [ticked(name)[0], Number(code)]);
    assert.deepEqual(Object.fromEntries(rows), ExitCode);
  });
});

/** What is passed on as a close: `CloseCode.x`, and the text or the constant after it. */
function closesInCode(): { codes: Set<string>; reasons: Map<string, string[]> } {
  const files = parsedUnder(...ENGINE);
  const constants = new Map(
    nodesOf(files, ts.isVariableDeclaration).flatMap(({ name, initializer }) =>
      initializer !== undefined && ts.isStringLiteral(initializer)
        ? [[name.getText(), initializer.text]]
        : [],
    ),
  );
  const codes = new Set<string>();
  const reasons = new Map<string, string[]>();
  for (const { arguments: given } of nodesOf(files, ts.isCallExpression)) {
    for (const [index, argument] of given.entries()) {
      if (!ts.isPropertyAccessExpression(argument) || argument.expression.getText() !== "CloseCode") continue;
      const name = argument.name.text;
      codes.add(name);
      const next = given[index + 1];
      const reason =
        next !== undefined && ts.isStringLiteral(next) ? next.text : constants.get(next?.getText() ?? "");
      if (reason) reasons.set(name, [...(reasons.get(name) ?? []), reason]);
    }
  }
  return { codes, reasons };
}

/** The numbers that stand where statuses do: after `status:`, and as what `refuse` and `writeHead` are given. */
function statusesInCode(): Set<number> {
  const files = parsedUnder(...ENGINE);
  const assigned = nodesOf(files, ts.isPropertyAssignment)
    .filter(({ name }) => name.getText() === "status")
    .map(({ initializer }) => initializer.getText());
  const passed = nodesOf(files, ts.isCallExpression)
    .filter(({ expression }) => /\b(refuse|writeHead)$/.test(expression.getText()))
    .map(({ arguments: [first] }) => first?.getText() ?? "");
  const numbers = [...assigned, ...passed].flatMap((text) => [...text.matchAll(/\b[3-5]\d\d\b/g)]);
  return new Set(numbers.map(([status]) => Number(status)));
}
