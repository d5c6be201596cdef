import { randomUUID } from "node:crypto";
import type { Entry } from "./entry.ts";
import type { SharedLoads, Watch } from "./shared-loads.ts";

// How often a claim is renewed while it lasts.
const RENEWALS = 3;
// Asked again after so long, growing, where nobody tells when something has changed.
const FIRST_POLL_MS = 20;
const MAX_POLL_MS = 250;
// And where somebody does, who may have been missed.
const MAX_WAIT_MS = 1_000;
// Those who take over from a process that died don't all ask in the same moment.
const SPREAD_MS = 25;

/** A key to be loaded by one of several processes. */
export interface SharedLoad {
  readonly key: string;
  readonly shared: SharedLoads;
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal;
  /** Whether to wait for another process that is loading it. */
  readonly waits: boolean;
  /** Takes what another process has loaded; false if it isn't good enough. */
  take(entry: Entry): boolean;
  /**
   * Loads it here, and hands it to those who wait here.
   *
   * @param keeps whether it can be kept
   * @returns what is to be kept, if anything
   */
  load(keeps: boolean): Promise<Entry | undefined>;
  /** Whether it may be kept now. */
  mayKeep(): boolean;
}

/**
 * Has a key loaded once, however many processes want it. Where they can't agree about it because their store is down, each loads it
 * by itself, and keeps nothing.
 *
 * @param seen the entry that isn't good enough any more
 * @throws what `load` throws
 */
export async function loadShared(task: SharedLoad, seen: Entry | undefined): Promise<void> {
  const { key, shared, signal } = task;
  const token = randomUUID();
  let watch: Watch | undefined;
  try {
    for (let asked = 0; !signal.aborted; asked++) {
      const claim = await shared.claim(key, token, seen).catch(() => undefined);
      if (claim === undefined) {
        await task.load(false);
        return;
      }
      if (claim.kind === "ours") return await loadClaimed(task, token);
      if (claim.kind === "found") {
        if (task.take(claim.entry)) return;
        seen = claim.entry;
      } else {
        if (!task.waits) return;
        watch ??= shared.watch(key);
        await watch.next(delayMs(watch, asked, claim.expiresInMs), signal);
      }
    }
  } finally {
    watch?.stop();
  }
}

async function loadClaimed(task: SharedLoad, token: string): Promise<void> {
  const { key, shared, signal } = task;
  const renewal = setInterval(() => {
    // If it is lost, the token keeps what is loaded here from being stored over what somebody else has loaded.
    shared.renew(key, token).catch(() => {});
  }, shared.claimMs / RENEWALS).unref();
  let entry: Entry | undefined;
  try {
    entry = signal.aborted ? undefined : await unlessAborted(task.load(true), signal);
  } finally {
    clearInterval(renewal);
    // Those who wait elsewhere needn't wait for nothing. Nobody here waits for this.
    if (entry === undefined) shared.release(key, token).catch(() => {});
  }
  if (entry === undefined) return;
  await (task.mayKeep() ? shared.store(key, token, entry) : shared.release(key, token)).catch(() => {});
}

function delayMs(watch: Watch, asked: number, expiresInMs: number): number {
  const pollMs = watch.live ? MAX_WAIT_MS : Math.min(FIRST_POLL_MS * 2 ** Math.min(asked, 8), MAX_POLL_MS);
  return Math.min(pollMs, Math.max(expiresInMs, 1)) + Math.random() * SPREAD_MS;
}

// A loader that doesn't heed its signal is left to itself.
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<undefined>((resolve) => {
    onAbort = () => resolve(undefined);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener("abort", onAbort);
  }
}
