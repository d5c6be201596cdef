import type { RemoteError } from "./remote-error.ts";

/** What a thread is told when it starts. */
export interface ThreadData {
  /** The URL of the module with the functions. */
  readonly file: string;
  /** By how much it gives way to the event loop. */
  readonly niceness: number;
}

/** What a thread is asked to do. */
export interface Job {
  /** The function's name; null to see whether the module is there. */
  readonly name: string | null;
  readonly args: readonly unknown[];
}

/** What came of it. */
export type Outcome =
  | { readonly kind: "returned"; readonly value: unknown }
  | { readonly kind: "threw"; readonly error: RemoteError }
  /** The module can't be loaded. */
  | { readonly kind: "missing"; readonly error: RemoteError }
  /** The module exports no such function. */
  | { readonly kind: "no function" }
  /** What it returned can't be sent. */
  | { readonly kind: "not sendable"; readonly error: RemoteError };
