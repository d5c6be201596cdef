import type { Transferable } from "node:worker_threads";

/** What can go over to another thread instead of being copied. `ArrayBufferLike` for the compiler's sake: shared memory can't. */
export type TransferItem = Transferable | ArrayBufferLike;

/** Marks a result in the thread that made it; known by its key, since a thread's file may import another copy of the package. */
const MARK: unique symbol = Symbol.for("sluice.transfer") as never;

interface Marked {
  readonly [MARK]: readonly TransferItem[];
  readonly value: unknown;
}

/**
 * In a worker's function: has parts of its result go over to the caller instead of being copied. They can't be used in the thread
 * any more.
 *
 * ```ts
 * export function render(size: number): Uint8Array {
 *   const pixels = new Uint8Array(size);
 *   return transfer(pixels, [pixels.buffer]);
 * }
 * ```
 *
 * @param value what the function returns
 * @param list which of its buffers, ports and so on go over
 * @returns what is to be returned; its type is the value's, so that callers see that
 */
export function transfer<Value>(value: Value, list: readonly TransferItem[]): Value {
  const marked: Marked = { [MARK]: list, value };
  return marked as unknown as Value;
}

/** What was marked with {@link transfer}; undefined if it wasn't. */
export function transferred(result: unknown): { value: unknown; list: readonly TransferItem[] } | undefined {
  if (typeof result !== "object" || result === null || !(MARK in result)) return undefined;
  const { value, [MARK]: list } = result as Marked;
  return { value, list };
}
