// What the tests of workers run in threads.

import { getPriority } from "node:os";
import { threadId } from "node:worker_threads";
import { transfer } from "../../src/pools/workers/transfer.ts";

export const notAFunction = 1;

/** An error with all that one may have. */
export class QuotaError extends RangeError {
  readonly code = "QUOTA";
  readonly used: { bytes: bigint; at: Date } = { bytes: 12n, at: new Date(0) };
  readonly neverSent = (): void => {};
  override readonly name = "QuotaError";
}

export function add(a: number, b: number): number {
  return a + b;
}

export async function later(value: string): Promise<string> {
  await new Promise((resolve) => setImmediate(resolve));
  return value;
}

export function thread(): number {
  return threadId;
}

/** The priority of the thread itself. */
export function priority(): number {
  return getPriority();
}

export function fill(length: number): Uint8Array {
  const bytes = new Uint8Array(length).fill(7);
  return transfer(bytes, [bytes.buffer]);
}

export function lengthOf(bytes: Uint8Array): number {
  return bytes.length;
}

export function fail(): never {
  throw new QuotaError("too much", { cause: new TypeError("the cause") });
}

export function failWith(value: unknown): never {
  throw value;
}

export function functions(): unknown {
  return { inner: () => 1 };
}

/** Throws, or returns, what can't even be looked at. */
export function revoked(how: "throw" | "return"): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  if (how === "throw") throw proxy;
  return [proxy];
}

export function transferFunction(): unknown {
  return transfer(() => 1, []);
}

/** Runs until its thread is ended; tells that it has begun, and how far it is, in shared memory. */
export function spin(flag: Int32Array): never {
  for (;;) Atomics.add(flag, 0, 1);
}

export function crashLater(): Promise<never> {
  setTimeout(() => {
    throw new Error("nobody catches this");
  });
  return new Promise(() => {});
}

export function exit(): never {
  process.exit(3);
}

export function devour(): never {
  const kept: unknown[] = [];
  for (;;) kept.push(new Array(10_000).fill({}));
}

/** Waits until it is told to go on, in shared memory. */
export function wait(flag: Int32Array): string {
  Atomics.add(flag, 1, 1);
  Atomics.wait(flag, 0, 0);
  return "went on";
}
