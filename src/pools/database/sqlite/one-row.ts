import type { Operation } from "./makes-key.ts";

/**
 * Whether a statement gives one row at most, whatever its parameters, by the program that SQLite has made of it: a look-up by a unique key, an
 * aggregate. It does if the only place that gives a row is followed by the end. The list of operations isn't a stable interface
 * (https://www.sqlite.org/opcode.html), so that whatever isn't known counts as many rows.
 *
 * @param operations of `EXPLAIN`
 */
export function givesOneRow(operations: readonly Pick<Operation, "opcode">[]): boolean {
  const opcodes = operations.map(({ opcode }) => opcode);
  const at = opcodes.indexOf("ResultRow");
  return at !== -1 && at === opcodes.lastIndexOf("ResultRow") && opcodes[at + 1] === "Halt";
}
