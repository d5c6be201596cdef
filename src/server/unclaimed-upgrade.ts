import type { Duplex } from "node:stream";
import { Deadline, type TimerWheel } from "../internal/timer-wheel.ts";

interface SocketLike extends Duplex {
  readonly bytesWritten?: number;
}

/**
 * A request to upgrade on a shared server, on a path that is none of ours: another listener may take it, and need time for that. Whoever
 * has written to its socket, or has begun or paused reading it, has taken it. If nobody has within that time, it is answered.
 */
export class UnclaimedUpgrade extends Deadline {
  readonly #wheel: TimerWheel;
  readonly #socket: SocketLike;
  readonly #bytesWritten: number | undefined;
  readonly #answer: () => void;
  readonly #onClose = (): void => this.#wheel.cancel(this);

  /** @param answer Refuses it. */
  constructor(wheel: TimerWheel, socket: Duplex, answer: () => void) {
    super();
    this.#wheel = wheel;
    this.#socket = socket;
    this.#bytesWritten = this.#socket.bytesWritten;
    this.#answer = answer;
    // Node has taken its own listeners off: a peer that resets what is nobody's would end the process.
    socket.on("error", () => socket.destroy());
  }

  /** Gives others so many milliseconds. */
  wait(ms: number): void {
    this.#socket.once("close", this.#onClose);
    this.#wheel.schedule(this, ms);
  }

  onDeadline(): void {
    const { writable, readableFlowing, bytesWritten } = this.#socket;
    this.#socket.off("close", this.#onClose);
    // Node hands over a socket that neither flows nor has been paused: null.
    if (writable && readableFlowing === null && bytesWritten === this.#bytesWritten) this.#answer();
  }
}
