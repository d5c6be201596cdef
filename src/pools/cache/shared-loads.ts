import type { Entry } from "./entry.ts";

/** What came of asking to load a key. */
export type Claim =
  /** Somebody has loaded it meanwhile. */
  | { readonly kind: "found"; readonly entry: Entry }
  /** It is ours to load; nobody else does so until it is stored, released, or not renewed in time. */
  | { readonly kind: "ours" }
  /** Somebody else is loading it, and has so many milliseconds left unless he renews. */
  | { readonly kind: "theirs"; readonly expiresInMs: number };

/** Tells when it is worth asking again. */
export interface Watch {
  /** Whether it will be told. If not, it is to be asked for. */
  readonly live: boolean;
  /** Resolves when something may have changed, after so many milliseconds at the latest, or once the signal is aborted. */
  next(withinMs: number, signal: AbortSignal): Promise<void>;
  stop(): void;
}

/** What has processes load a key once among them. Whoever loads is known by a token that nobody else has. */
export interface SharedLoads {
  /** How long a claim holds without being renewed, in milliseconds. */
  readonly claimMs: number;
  /** Asks to load a key. @param seen the entry that isn't good enough any more */
  claim(key: string, token: string, seen: Entry | undefined): Promise<Claim>;
  /** Holds on to a claim. @returns whether it is still ours */
  renew(key: string, token: string): Promise<boolean>;
  /** Keeps what was loaded and tells those who wait, if the claim is still ours. @returns whether it was */
  store(key: string, token: string, entry: Entry): Promise<boolean>;
  /** Gives a claim back and tells those who wait, if it is still ours. */
  release(key: string, token: string): Promise<void>;
  /** Looks out for what others do with a key. */
  watch(key: string): Watch;
}
