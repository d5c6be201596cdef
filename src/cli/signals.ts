import { ExitCode } from "./exit-codes.ts";

/** What asks a command to end. */
export type EndSignal = "SIGINT" | "SIGTERM";

/** Where signals come from: `process`, but for tests. */
export interface SignalSource {
  on(signal: EndSignal, listener: () => void): unknown;
  off(signal: EndSignal, listener: () => void): unknown;
}

/** What is done about signals. */
export interface SignalActions {
  /** The first one: end in good order. */
  first(signal: EndSignal): void;
  /** Another one: end at once. */
  again(signal: EndSignal): void;
}

// Ctrl-C reaches the whole group of processes, and npm passes on to its child the one it got itself: a person who pressed
// the keys once is heard twice, a few milliseconds apart.
const SAME_PRESS_MS = 300;

/** The exit code of a command that a signal ended at once, as shells have it: 128 and the signal's number. */
export function exitCodeOfSignal(signal: EndSignal): ExitCode {
  return signal === "SIGINT" ? ExitCode.interrupted : ExitCode.terminated;
}

/**
 * Listens for SIGINT and SIGTERM. The same signal within 300 ms of the first counts as the first.
 *
 * @param now - milliseconds on a clock that never goes back
 * @returns a function that stops listening
 */
export function onEndSignals(
  actions: SignalActions,
  source: SignalSource = process,
  now: () => number = () => performance.now(),
): () => void {
  let first: { signal: EndSignal; at: number } | undefined;
  const heard = (signal: EndSignal): void => {
    if (first === undefined) {
      first = { signal, at: now() };
      actions.first(signal);
    } else if (signal !== first.signal || now() - first.at > SAME_PRESS_MS) {
      actions.again(signal);
    }
  };
  const onInterrupt = (): void => heard("SIGINT");
  const onTerminate = (): void => heard("SIGTERM");
  source.on("SIGINT", onInterrupt);
  source.on("SIGTERM", onTerminate);
  return () => {
    source.off("SIGINT", onInterrupt);
    source.off("SIGTERM", onTerminate);
  };
}
