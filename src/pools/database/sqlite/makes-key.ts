/** A row of `EXPLAIN`. */
export interface Operation {
  readonly addr: number;
  readonly opcode: string;
  readonly p1: number;
  readonly p5: number;
}

// OPFLAG_LASTROWID of SQLite's own source.
const LAST_ROWID = 0x20;

/**
 * Whether a statement that inserts sets what `last_insert_rowid()` gives, by the program that SQLite has made of it. One into a table
 * WITHOUT ROWID, or into a view, leaves there the key of whatever was inserted before.
 *
 * @param operations of `EXPLAIN`
 */
export function makesKey(operations: readonly Operation[]): boolean {
  // Triggers follow, each with addresses of its own; what they insert is forgotten at their end.
  const triggers = operations.findIndex(({ addr }, at) => at > 0 && addr === 0);
  const own = triggers === -1 ? operations : operations.slice(0, triggers);
  return own.some(
    ({ opcode, p1, p5 }) =>
      (opcode === "Insert" && (p5 & LAST_ROWID) !== 0) || (opcode === "VUpdate" && p1 === 1),
  );
}
