import { channels } from "../diagnostics/index.ts";
import { isThenable } from "../internal/thenable.ts";
import type { Dropped } from "./backlog.ts";
import type { Callbacks } from "./callbacks.ts";
import type { Connection } from "./connection-api.ts";
import type { ConnectionProfile, Handler } from "./connection-profile.ts";
import type { Inbox, MessageConsumer, ReceivedMessage } from "./inbox.ts";

/** Whose code is run, for a connection. */
export interface UserCodeOwner extends Connection {
  readonly profile: ConnectionProfile;
  readonly inbox: Inbox;
  /** It threw, or rejected. */
  onFailed(error: unknown): void;
  /** The handler has returned, and no callbacks are set. */
  onReturned(): void;
}

/**
 * Runs a user's handler or callbacks for one connection. Whatever it throws stays with this connection. Messages are given to an async
 * callback so many at a time; one that isn't async costs no promise.
 */
export class UserCode implements MessageConsumer {
  readonly #owner: UserCodeOwner;
  #callbacks: Callbacks | null = null;
  #running = 0;
  #dropped: Dropped | null = null;
  #isCloseUntold = false;

  constructor(owner: UserCodeOwner) {
    this.#owner = owner;
  }

  /** Starts what serves the connection. */
  start(handler: Handler | Callbacks): void {
    if (typeof handler !== "function") {
      this.setCallbacks(handler);
      if (handler.open !== undefined) this.#call((callbacks) => callbacks.open?.(this.#owner));
      return;
    }
    try {
      const result = handler(this.#owner);
      if (!isThenable(result)) return this.#onReturned();
      result.then(
        () => this.#onReturned(),
        (error: unknown) => this.#owner.onFailed(error),
      );
    } catch (error) {
      this.#owner.onFailed(error);
    }
  }

  /** Sets the callbacks, in place of any before. They may come late: what has come until then is given to them, the end too. */
  setCallbacks(callbacks: Callbacks): void {
    const isFirst = this.#callbacks === null;
    this.#callbacks = callbacks;
    if (isFirst) this.#owner.inbox.feed(this);
    this.#tellClosed();
  }

  consume(message: ReceivedMessage): boolean {
    try {
      const result = this.#callbacks?.message?.(this.#owner, message);
      if (isThenable(result)) this.#await(result);
    } catch (error) {
      this.#owner.onFailed(error);
    }
    return this.#running < this.#owner.profile.options.concurrency;
  }

  /** The send buffer has drained. */
  onDrain(): void {
    if (this.#callbacks?.drain !== undefined) this.#call((callbacks) => callbacks.drain?.(this.#owner));
  }

  /** Messages were dropped. Told once for all of a flush, and not from within it. */
  onDropped(dropped: Dropped): void {
    if (this.#callbacks?.drop === undefined && !channels.connectionDrop.hasSubscribers) return;
    if (this.#dropped === null) queueMicrotask(() => this.#tellDropped());
    const messages = (this.#dropped?.messages ?? 0) + dropped.messages;
    this.#dropped = { messages, bytes: (this.#dropped?.bytes ?? 0) + dropped.bytes };
  }

  /** A ping has come. */
  onPing(payload: Buffer): void {
    if (this.#callbacks?.ping === undefined) return;
    const copy = Buffer.from(payload);
    this.#call((callbacks) => callbacks.ping?.(this.#owner, copy));
  }

  /** A pong has come. */
  onPong(payload: Buffer): void {
    if (this.#callbacks?.pong === undefined) return;
    const copy = Buffer.from(payload);
    this.#call((callbacks) => callbacks.pong?.(this.#owner, copy));
  }

  /** The connection is gone. That is told last: after what the peer had sent before, and waits to be taken or is still worked at. */
  onClosed(): void {
    this.#isCloseUntold = true;
    this.#tellClosed();
  }

  #await(result: PromiseLike<unknown>): void {
    this.#running++;
    result.then(
      () => this.#onMessageDone(),
      (error: unknown) => {
        this.#owner.onFailed(error);
        this.#onMessageDone();
      },
    );
  }

  #onMessageDone(): void {
    if (this.#running-- === this.#owner.profile.options.concurrency) this.#owner.inbox.resume();
    this.#tellClosed();
  }

  #tellClosed(): void {
    if (!this.#isCloseUntold || this.#callbacks?.close === undefined) return;
    if (this.#owner.inbox.bytes > 0 || this.#running > 0) return;
    this.#isCloseUntold = false;
    const { closeCode, closeReason } = this.#owner;
    this.#call((callbacks) => callbacks.close?.(this.#owner, closeCode as number, closeReason as string));
  }

  #onReturned(): void {
    if (this.#callbacks === null) this.#owner.onReturned();
  }

  #tellDropped(): void {
    const drop = this.#dropped as Dropped;
    this.#dropped = null;
    if (channels.connectionDrop.hasSubscribers)
      channels.connectionDrop.publish({ connection: this.#owner, drop });
    this.#call((callbacks) => callbacks.drop?.(this.#owner, drop));
  }

  #call(callback: (callbacks: Callbacks) => unknown): void {
    if (this.#callbacks === null) return;
    try {
      const result = callback(this.#callbacks);
      if (isThenable(result)) result.then(undefined, (error: unknown) => this.#owner.onFailed(error));
    } catch (error) {
      this.#owner.onFailed(error);
    }
  }
}
