/** That a connection is closing or closed, and how. A connection has none while it is open. */
export interface Closure {
  /** `closing` until the TCP connection is gone. */
  phase: "closing" | "closed";
  /** The code that counts: the peer's if it sent one, ours if not, 1006 if there was none. */
  code: number;
  reason: string;
  /** Both close frames are on their way: when all is written, the stream ends. */
  ending: boolean;
  /** What the peer has sent since. */
  discardedBytes: number;
}
