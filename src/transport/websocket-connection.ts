import { Deferred } from "../internal/deferred.ts";
import { isAbortOf } from "../internal/is-abort-of.ts";
import { CloseCode, encodeClose, encodeFrame, Opcode } from "../websocket/index.ts";
import type { Dropped } from "./backlog.ts";
import type { ByteStream, StreamReader } from "./byte-stream.ts";
import type { Callbacks } from "./callbacks.ts";
import type { Closure } from "./closure.ts";
import type { Connection, ConnectionRequest, SendOptions } from "./connection-api.ts";
import { checkClose, checkPing, invalidMessage } from "./connection-arguments.ts";
import {
  publishClose,
  publishHandlerError,
  publishOpen,
  publishShed,
  publishViolation,
} from "./connection-events.ts";
import type { ConnectionProfile } from "./connection-profile.ts";
import type { Engine } from "./engine.ts";
import type { Group, GroupMember, Membership } from "./group.ts";
import { Inbox, type InboxOwner } from "./inbox.ts";
import { Keepalive, type KeepaliveOwner, type Verdict } from "./keepalive.ts";
import type { BudgetHolder } from "./memory-budget.ts";
import type { MessageCompression } from "./message-compression.ts";
import { PeerRate } from "./peer-rate.ts";
import { ReceiveBuffer, type ReceiveBufferOwner } from "./receive-buffer.ts";
import { SendBuffer, type SendBufferOwner } from "./send-buffer.ts";
import { count } from "./server-stats.ts";
import { UserCode, type UserCodeOwner } from "./user-code.ts";

const EMPTY_PING = encodeFrame(Opcode.ping, "");
// Less than this isn't worth taking down; it is bounded by the number of connections.
const ACCOUNTED_FROM_BYTES = 1024;
// What a peer may still send after its connection has begun to close, before it is cut.
const MAX_DISCARDED_BYTES = 1024 * 1024;

let ids = 0;

/** What a connection is made of. */
export interface ConnectionParts {
  readonly stream: ByteStream;
  readonly request: ConnectionRequest;
  readonly profile: ConnectionProfile;
  readonly subprotocol: string;
  readonly compression: MessageCompression | null;
  readonly data: unknown;
}

type BuffersOwner = SendBufferOwner & ReceiveBufferOwner & InboxOwner;
type PartsOwner = BuffersOwner & StreamReader & UserCodeOwner & KeepaliveOwner;

/** A connection after its handshake: it joins the stream, the receive buffer, the user's code and the send buffer. */
export class WebSocketConnection implements Connection, PartsOwner, GroupMember, BudgetHolder {
  readonly id: number = ++ids;
  readonly engine: Engine;
  readonly profile: ConnectionProfile;
  readonly stream: ByteStream;
  readonly request: ConnectionRequest;
  readonly subprotocol: string;
  readonly inbox: Inbox;
  readonly compression: MessageCompression | null;
  readonly rate: PeerRate | null;
  data: unknown;
  memberships: Map<Group, Membership> | null = null;
  namedGroups = 0;
  registryIndex = -1;
  accountedBytes = 0;
  readonly #in: ReceiveBuffer;
  readonly #out: SendBuffer;
  readonly #code: UserCode;
  readonly #keepalive: Keepalive;
  #closure: Closure | null = null;
  #drained: Deferred | null = null;
  #gone: Deferred | null = null;
  #abort: AbortController | null = null;

  constructor(engine: Engine, parts: ConnectionParts) {
    const { profile, compression } = parts;
    this.engine = engine;
    this.profile = profile;
    this.stream = parts.stream;
    this.request = parts.request;
    this.subprotocol = parts.subprotocol;
    this.compression = compression;
    this.data = parts.data;
    this.rate = PeerRate.of(profile.options);
    this.inbox = new Inbox(profile.options.receive, this);
    this.#in = new ReceiveBuffer(compression === null ? profile.plainLimits : profile.compressedLimits, this);
    this.#out = new SendBuffer(engine.flusher, profile.options.sendBuffer, this);
    this.#code = new UserCode(this);
    this.#keepalive = new Keepalive(this);
  }

  /** Begins: answers the handshake, runs the user's code, and takes the bytes that came with the request. */
  start(response: Buffer, head: Buffer): void {
    this.engine.add(this);
    this.#keepalive.start();
    this.stream.shareReceiveBuffer();
    this.#out.sendControl(response);
    publishOpen(this);
    this.#code.start(this.profile.handler);
    this.stream.open(this);
    if (head.length > 0) this.onBytes(head, 0, head.length);
  }

  // ── what users call ──

  get state(): "open" | "closing" | "closed" {
    return this.#closure === null ? "open" : this.#closure.phase;
  }

  get isOpen(): boolean {
    return this.#closure === null;
  }

  get closeCode(): number | undefined {
    return this.#closure?.code;
  }

  get closeReason(): string | undefined {
    return this.#closure?.reason;
  }

  get bufferedAmount(): number {
    return this.#out.bufferedBytes;
  }

  get signal(): AbortSignal {
    if (this.#abort === null) {
      this.#abort = new AbortController();
      if (!this.isOpen) this.#abort.abort();
    }
    return this.#abort.signal;
  }

  get closed(): Promise<void> {
    if (this.#gone === null) {
      this.#gone = new Deferred();
      if (this.state === "closed") this.#gone.resolve();
    }
    return this.#gone.promise;
  }

  [Symbol.asyncIterator](): Inbox {
    return this.inbox;
  }

  on(callbacks: Callbacks): void {
    this.#code.setCallbacks(callbacks);
  }

  send(message: string | Uint8Array, options?: SendOptions): boolean {
    const key = options?.key ?? "";
    const isText = typeof message === "string";
    if (!isText && !(message instanceof Uint8Array)) throw invalidMessage(message);
    if (!this.#settle()) return false;
    this.engine.stats.messagesOut++;
    return isText ? this.#out.sendText(message, key) : this.#out.sendBinary(message, key);
  }

  flush(): void {
    this.#settle();
    this.#out.flush();
  }

  drained(): Promise<void> {
    if (!this.#out.isAboveHighWater || this.state === "closed") return Promise.resolve();
    this.#drained ??= new Deferred();
    return this.#drained.promise;
  }

  ping(payload: string | Uint8Array = ""): void {
    checkPing(payload);
    if (this.#settle()) this.#out.sendPing(encodeFrame(Opcode.ping, payload));
  }

  close(code: number = CloseCode.normal, reason = ""): void {
    checkClose(code, reason);
    this.#closeWith(code, reason);
  }

  terminate(): void {
    this.#leaveOpen(CloseCode.abnormal, "");
    this.stream.destroy();
  }

  // ── what the stream tells ──

  onBytes(chunk: Buffer, start: number, end: number): void {
    this.#keepalive.readAt = this.engine.wheel.now;
    this.engine.stats.bytesIn += end - start;
    if (this.#closure !== null) this.#countDiscarded(this.#closure, end - start);
    this.#in.take(chunk, start, end);
    const isMidMessage = this.#in.isMidMessage;
    this.#keepalive.noteMessage(isMidMessage);
    if (isMidMessage || this.accountedBytes > 0 || this.inbox.bytes > 0 || this.#in.isPaused)
      this.onHeldChanged();
  }

  onWritten(): void {
    this.#out.onWritten();
    if (this.#closure?.ending === true && !this.#out.isBlocked) this.stream.end();
  }

  // §7.1.5: a TCP connection that ends without a close frame counts as closed with 1006.
  onEnd(): void {
    this.terminate();
  }

  onClosed(): void {
    const closure = this.#leaveOpen(CloseCode.abnormal, "");
    closure.phase = "closed";
    this.engine.remove(this);
    this.#keepalive.stop();
    this.#out.finish();
    this.#in.finish();
    this.engine.budget.account(this, 0);
    const { code, reason } = closure;
    count(this.engine.stats.closed, code);
    this.#drained?.resolve();
    this.#gone?.resolve();
    publishClose(this, code, reason);
    this.#code.onClosed();
  }

  // ── what the receive buffer and the inbox tell ──

  onReceived(): void {
    this.engine.stats.messagesIn++;
    this.#keepalive.noteMessage(false);
  }

  onPing(payload: Buffer): void {
    if (!this.#settle()) return;
    this.#out.sendPong(encodeFrame(Opcode.pong, payload));
    this.#code.onPing(payload);
  }

  onPong(payload: Buffer): void {
    this.#code.onPong(payload);
  }

  // §5.5.1: "If an endpoint receives a Close frame and did not previously send a Close frame, the endpoint MUST send a Close frame in
  // response." §7.1.1: the server closes the TCP connection first.
  onClose(code: number, reason: string): void {
    this.#settle();
    if (this.#closure === null) {
      this.#out.sendControl(encodeClose(code, ""));
      this.#leaveOpen(code, reason);
    } else if (code !== CloseCode.noStatus) {
      this.#closure.code = code;
      this.#closure.reason = reason;
    }
    this.#endStream();
  }

  onViolation(code: number, reason: string): void {
    if (!this.isOpen) return;
    count(this.engine.stats.violations, code);
    publishViolation(this, code, reason);
    this.#in.discard();
    this.#closeWith(code, reason);
    this.#endStream();
  }

  onReadingResumed(): void {
    this.#keepalive.noteResumed();
    this.onHeldChanged();
  }

  onInboxLow(): void {
    this.#in.resume();
  }

  // ── what the send buffer tells ──

  onDropped(dropped: Dropped): void {
    this.engine.stats.droppedMessages += dropped.messages;
    this.engine.stats.droppedBytes += dropped.bytes;
    this.#code.onDropped(dropped);
  }

  onTooSlow(): void {
    if (!this.isOpen) return;
    this.engine.stats.slowConsumersClosed++;
    this.#out.discard();
    this.#sendClose(CloseCode.tryAgainLater, "slow consumer");
  }

  onHeldChanged(): void {
    if (this.state !== "closed") this.engine.budget.account(this, this.heldBytes);
  }

  onDrained(): void {
    this.#drained?.resolve();
    this.#drained = null;
    this.#code.onDrain();
  }

  // ── what the user's code asks and tells ──

  onReturned(): void {
    this.#closeWith(CloseCode.normal, "");
  }

  onFailed(error: unknown): void {
    if (!this.isOpen && this.#abort !== null && isAbortOf(this.#abort.signal, error)) return;
    this.engine.stats.handlerErrors++;
    publishHandlerError(this, error);
    this.#closeWith(CloseCode.internalError, "");
    this.engine.onError(error, this);
  }

  // ── what the keepalive asks and tells ──

  get isReadingPaused(): boolean {
    return this.#in.isPaused;
  }

  onVerdict(verdict: Verdict): void {
    switch (verdict) {
      case "silent":
        if (this.#settle()) this.#out.sendPing(EMPTY_PING);
        return;
      case "lost":
        this.engine.stats.pongTimeouts++;
        return this.terminate();
      case "idle":
        return this.#closeWith(CloseCode.goingAway, "idle");
      case "unfinished":
        return this.onViolation(CloseCode.policyViolation, "message not finished in time");
      case "closeTimeout":
        return this.stream.destroy();
    }
  }

  // ── what the groups and the budget tell ──

  get sink(): SendBuffer {
    return this.#out;
  }

  get heldBytes(): number {
    const held = this.#in.heldBytes + this.#out.heldBytes;
    return held < ACCOUNTED_FROM_BYTES ? 0 : held;
  }

  shed(): void {
    publishShed(this, this.accountedBytes);
    this.#leaveOpen(CloseCode.tryAgainLater, "memory budget");
    this.stream.destroy();
  }

  // ── within ──

  // What its groups have pending comes before anything else. That alone may be too much for a slow consumer: says whether it is still open.
  #settle(): boolean {
    if (!this.isOpen) return false;
    const { log } = this.engine.flusher;
    if (this.memberships === null || log.isEmpty) return true;
    log.settle(this.memberships);
    return this.isOpen;
  }

  #closeWith(code: number, reason: string): void {
    if (this.#settle()) this.#sendClose(code, reason);
  }

  #sendClose(code: number, reason: string): void {
    this.#out.sendControl(encodeClose(code, reason));
    this.#leaveOpen(code, reason);
    this.inbox.end(true);
    // Reads on, for the peer's close frame.
    this.#in.resume();
  }

  #leaveOpen(code: number, reason: string): Closure {
    if (this.#closure !== null) return this.#closure;
    this.#closure = { phase: "closing", code, reason, ending: false, discardedBytes: 0 };
    this.inbox.end(false);
    this.#out.close();
    this.#keepalive.onClosing();
    // Not from within: whoever listens may send, and this may be in the middle of a flush.
    if (this.#abort !== null) queueMicrotask(() => this.#abort?.abort());
    return this.#closure;
  }

  #endStream(): void {
    if (this.#closure !== null) this.#closure.ending = true;
    this.#out.flush();
    if (!this.#out.isBlocked) this.stream.end();
  }

  #countDiscarded(closure: Closure, bytes: number): void {
    closure.discardedBytes += bytes;
    if (closure.discardedBytes > MAX_DISCARDED_BYTES) this.stream.destroy();
  }
}
