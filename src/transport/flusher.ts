import { channels } from "../diagnostics/index.ts";
import type { FlushWindow } from "./flush-window.ts";
import { FrameArena } from "./frame-arena.ts";
import { GroupLog } from "./group-log.ts";
import type { SendBuffer } from "./send-buffer.ts";
import { emptyStats, type ServerStats } from "./server-stats.ts";
import { TextScratch } from "./text-scratch.ts";

// Writing to very many connections is done in slices of so many milliseconds, so that the loop is never held for longer.
const SLICE_MS = 8;
const WRITES_BETWEEN_LOOKS = 32;

/** Writes what has gathered, for all connections of a server: once a turn of the loop, or as the window says. */
export class Flusher {
  readonly arena: FrameArena = new FrameArena();
  readonly scratch: TextScratch = new TextScratch();
  readonly log: GroupLog;
  /** Where sent messages are counted. */
  readonly stats: ServerStats;
  /** Flushes so far. */
  flushes = 0;
  readonly #window: FlushWindow;
  #dirty: SendBuffer[] = [];
  // Up to where the list is done, when a flush goes on in the next turn.
  #done = 0;
  #scheduled = false;
  #flushing = false;
  #writesLeft = 0;
  #sliceEndMs = 0;
  readonly #onTime = (): void => {
    this.#scheduled = false;
    this.flush();
  };

  constructor(window: FlushWindow, stats: ServerStats = emptyStats()) {
    this.#window = window;
    this.stats = stats;
    this.log = new GroupLog(this);
  }

  /** Puts a send buffer on the list. */
  add(buffer: SendBuffer): void {
    buffer.isDirty = true;
    this.#dirty.push(buffer);
    this.schedule();
  }

  /** Has a flush come, if none is coming. */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const { delayMs } = this.#window;
    if (delayMs === 0) setImmediate(this.#onTime);
    else setTimeout(this.#onTime, delayMs);
  }

  /** Writes everything that has gathered now; what would hold the loop for too long goes on in its next turn. */
  flush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    const startedMs = performance.now();
    this.#sliceEndMs = startedMs + SLICE_MS;
    this.#writesLeft = WRITES_BETWEEN_LOOKS;
    this.log.distribute();
    this.#writeDirty();
    this.#flushing = false;
    this.flushes++;
    this.#window.adapt(startedMs);
    if (channels.flush.hasSubscribers) channels.flush.publish({ windowMs: this.#window.delayMs });
  }

  /** Flushes so that the arena gets room for so many bytes. @returns whether it has. */
  makeRoom(bytes: number): boolean {
    this.flush();
    return this.arena.has(bytes);
  }

  /** A write is pending: what was gathered for this flush must stay as it is. */
  retain(): void {
    this.arena.retain();
    this.log.retain();
  }

  /** Whether this slice has time for another write. */
  hasTime(): boolean {
    if (--this.#writesLeft > 0) return true;
    if (performance.now() >= this.#sliceEndMs) return false;
    this.#writesLeft = WRITES_BETWEEN_LOOKS;
    return true;
  }

  #writeDirty(): void {
    const dirty = this.#dirty;
    let at = this.#done;
    while (at < dirty.length && this.hasTime()) {
      const buffer = dirty[at++] as SendBuffer;
      if (buffer.isDirty) buffer.flush();
    }
    if (at < dirty.length) {
      this.#done = at;
      if (!this.#scheduled) {
        this.#scheduled = true;
        setImmediate(this.#onTime);
      }
      return;
    }
    this.#done = 0;
    this.#dirty.length = 0;
    this.arena.reset();
    this.log.reset();
  }
}
