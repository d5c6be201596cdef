import { maxTextFrameBytes, writeBinaryFrame, writeTextFrame } from "../websocket/index.ts";
import { countFrames } from "./backlog.ts";
import type { Flusher } from "./flusher.ts";
import type { Group, Membership } from "./group.ts";

const FIRST_BYTES = 4 * 1024;
const FLUSH_BYTES = 64 * 1024;
// All that groups have pending together; more than that is written before the turn ends.
const MAX_PENDING_BYTES = 4 * 1024 * 1024;
const MAX_POOLED = 64;

let serials = 0;

/** What a group has pending: its frames, one after the other. */
export class GroupBatch {
  readonly group: Group;
  /** No two batches have the same, so that a member's position in one says nothing about the next. */
  readonly serial: number = ++serials;
  bytes: Buffer;
  end = 0;
  /** Its entries; the last one is open, so that the next frame may join it. */
  readonly entries: LogEntry[] = [];

  constructor(group: Group, bytes: Buffer) {
    this.group = group;
    this.bytes = bytes;
  }

  /** Writes a message's frame at the end. */
  append(message: string | Uint8Array): void {
    if (typeof message === "string") {
      this.#reserve(maxTextFrameBytes(message));
      this.end = writeTextFrame(this.bytes, this.end, message);
    } else {
      this.#reserve(message.byteLength + 10);
      this.end = writeBinaryFrame(this.bytes, this.end, message);
    }
  }

  #reserve(bytes: number): void {
    if (this.end + bytes <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.end + bytes));
    this.bytes.copy(grown, 0, 0, this.end);
    this.bytes = grown;
  }
}

/** A row of one group's frames with nothing from elsewhere in between. */
export interface LogEntry {
  readonly batch: GroupBatch;
  readonly order: number;
  readonly start: number;
  end: number;
  messages: number;
  key: string;
}

/** Whole frames that several connections send. */
export interface SharedFrames {
  readonly frames: Buffer;
  readonly messages: number;
  /** What the `latest` policy tells messages apart by. */
  readonly key: string;
}

/** Where a member takes them: its send buffer. Nothing else of it is looked at, which matters when there are thousands of members. */
export interface SharedSink {
  /**
   * Takes them, without a copy, unless it is closed.
   *
   * @param mayWrite Whether nothing else can come before them, so that they may be written at once.
   * @returns whether the bytes are still needed after the call.
   */
  share(shared: SharedFrames, mayWrite: boolean): boolean;
}

/**
 * What groups have pending, in the order in which it was sent. Frames of one group in a row are joined, so that one buffer and
 * one write a member serve them all. Frames of a group none of whose members is in another one are joined even if other groups
 * sent in between: nobody can tell.
 */
export class GroupLog {
  readonly #flusher: Flusher;
  #entries: LogEntry[] = [];
  #batches: GroupBatch[] = [];
  // Handed out, but perhaps not yet written.
  #distributed: GroupBatch[] = [];
  #bytes = 0;
  #order = 0;
  #retained = false;
  #pool: Buffer[] = [];
  // Whether the group of all connections has something pending, so that no other group is apart from the rest.
  #crossing = false;

  constructor(flusher: Flusher) {
    this.#flusher = flusher;
  }

  /** Whether anything is pending. */
  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** Puts a message at the end. */
  append(group: Group, message: string | Uint8Array, key: string): void {
    group.batch ??= this.#open(group);
    const batch = group.batch;
    const entry = this.#entryFor(batch, key);
    const before = batch.end;
    batch.append(message);
    entry.end = batch.end;
    entry.messages++;
    this.#bytes += batch.end - before;
    if (batch.end >= FLUSH_BYTES || this.#bytes >= MAX_PENDING_BYTES) this.#flusher.flush();
    else this.#flusher.schedule();
  }

  /** Hands a connection what it has pending, because something else comes next for it. */
  settle(memberships: ReadonlyMap<Group, Membership>): void {
    if (this.#entries.length === 0) return;
    const pending: LogEntry[] = [];
    for (const { group } of memberships.values())
      if (group.batch !== null) pending.push(...group.batch.entries);
    if (pending.length > 1) pending.sort((a, b) => a.order - b.order);
    for (const entry of pending) this.#settleEntry(entry, memberships.get(entry.batch.group) as Membership);
  }

  /** Hands every member what it has pending. */
  distribute(): void {
    const entries = this.#entries;
    if (entries.length === 0) return;
    this.#entries = [];
    for (const batch of this.#batches) {
      batch.group.batch = null;
      this.#distributed.push(batch);
    }
    this.#batches = [];
    const apart = entries.length === 1;
    for (const entry of entries)
      this.#distributeEntry(entry, apart || (entry.batch.group.isApart && !this.#crossing));
    this.#bytes = 0;
    this.#crossing = false;
  }

  /** A write is pending: the batches of this flush must stay as they are. */
  retain(): void {
    this.#retained = true;
  }

  /** Everything that was pending has been written or is waiting elsewhere: the buffers can be used again. */
  reset(): void {
    for (const { bytes } of this.#distributed) {
      if (this.#retained || this.#pool.length === MAX_POOLED) break;
      if (bytes.length <= 2 * FLUSH_BYTES) this.#pool.push(bytes);
    }
    this.#distributed.length = 0;
    this.#retained = false;
  }

  #open(group: Group): GroupBatch {
    const batch = new GroupBatch(group, this.#pool.pop() ?? Buffer.allocUnsafeSlow(FIRST_BYTES));
    this.#batches.push(batch);
    if (group.isEverybody) this.#crossing = true;
    return batch;
  }

  #entryFor(batch: GroupBatch, key: string): LogEntry {
    const open = batch.entries[batch.entries.length - 1];
    if (open !== undefined && open.key === key) {
      const last = this.#entries[this.#entries.length - 1] === open;
      if (last || (batch.group.isApart && !this.#crossing)) return open;
    }
    const entry = { batch, order: ++this.#order, start: batch.end, end: batch.end, messages: 0, key };
    batch.entries.push(entry);
    this.#entries.push(entry);
    return entry;
  }

  #settleEntry(entry: LogEntry, member: Membership): void {
    const shared = rest(entry, member);
    if (shared === null) return;
    member.serial = entry.batch.serial;
    member.taken = entry.end;
    if (member.sink.share(shared, false)) this.#retained = true;
  }

  #distributeEntry(entry: LogEntry, apart: boolean): void {
    const { batch, start, end, messages, key } = entry;
    // The same for all members that get all of it.
    const whole: SharedFrames = { frames: batch.bytes.subarray(start, end), messages, key };
    for (const member of batch.group.memberships) {
      const shared = takenUpTo(member, batch) <= start ? whole : rest(entry, member);
      const mayWrite = apart && this.#flusher.hasTime();
      if (shared !== null && member.sink.share(shared, mayWrite)) this.#retained = true;
    }
  }
}

// A member that joined in between, or that has been handed a first part already, gets only what came after.
function rest({ batch, start, end, key }: LogEntry, member: Membership): SharedFrames | null {
  const from = Math.max(takenUpTo(member, batch), start);
  if (from >= end) return null;
  const frames = batch.bytes.subarray(from, end);
  return { frames, messages: countFrames(frames), key };
}

function takenUpTo(member: Membership, batch: GroupBatch): number {
  return member.serial === batch.serial ? member.taken : 0;
}
