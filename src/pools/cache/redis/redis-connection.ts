import { SluiceError } from "../../../errors/index.ts";
import { Deadline } from "../../../internal/timer-wheel.ts";
import { deadlines } from "../../deadlines.ts";
import type { RedisArguments, RedisClient } from "./redis-client.ts";
import { type RedisFailure, redisError } from "./redis-errors.ts";

const LIFETIME_JITTER = 0.1;

/** What a connection has to know. */
export interface RedisConnectionOptions {
  readonly name: string;
  readonly create: () => RedisClient;
  readonly isReply: (error: unknown) => boolean;
  /** Sent first of all, whatever comes of it. */
  readonly greeting: readonly RedisArguments[];
  readonly connectTimeoutMs: number;
  readonly commandTimeoutMs: number;
  readonly maxLifetimeMs: number;
  onConnect(durationMs: number): void;
  /** It is gone without having been closed. `isStalled`: because nothing came back in time. */
  onLost(error: SluiceError, isStalled: boolean): void;
}

/**
 * A connection that many callers share: what they send in one turn goes together, and the answers come in that order. It is made
 * when it is first used, and again once it is lost or old.
 */
export class RedisConnection {
  readonly #options: RedisConnectionOptions;
  #link: Link | undefined;
  #connecting: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: RedisConnectionOptions) {
    this.#options = options;
  }

  get isReady(): boolean {
    return this.#link !== undefined;
  }

  /** How many commands are under way. */
  get inFlight(): number {
    return this.#link?.inFlight ?? 0;
  }

  /** Connects, unless it is. @throws SLUICE_UNREACHABLE, SLUICE_CREDENTIALS_REFUSED */
  async connect(): Promise<void> {
    if (this.#link === undefined) await this.#connectOnce();
  }

  /**
   * Has a command done. It must be ready.
   *
   * @throws SLUICE_QUERY_TIMEOUT, SLUICE_CONNECTION_LOST, SLUICE_QUERY_FAILED, SLUICE_CREDENTIALS_REFUSED
   */
  send(args: RedisArguments): Promise<unknown> {
    const link = this.#link;
    if (link === undefined) return Promise.reject(this.#coded(new Error("it isn't connected"), "connecting"));
    if (performance.now() > link.expiresAt && this.#connecting === undefined) this.#replace(link);
    return new Promise((resolve, reject) => {
      const command = new Command(() => reject(this.#late(link, command)));
      deadlines.schedule(command, this.#options.commandTimeoutMs);
      link.inFlight += 1;
      link.client.sendCommand(args).then(
        (reply) => {
          link.answered(command);
          resolve(reply);
        },
        (error: unknown) => {
          if (this.#options.isReply(error)) link.answered(command);
          else link.ended(command);
          reject(this.#coded(error, "sent"));
        },
      );
    });
  }

  /** Lets it go; what is under way rejects. */
  close(): void {
    this.#isClosed = true;
    this.#link?.client.destroy();
    this.#link = undefined;
  }

  #connectOnce(): Promise<void> {
    this.#connecting ??= this.#make()
      .then((link) => {
        this.#link = link;
      })
      .finally(() => {
        this.#connecting = undefined;
      });
    return this.#connecting;
  }

  async #make(): Promise<Link> {
    const startedAt = performance.now();
    const client = this.#options.create();
    // What is to be said comes with "terminated", or by a command's rejection.
    client.on("error", () => {});
    client.on("terminated", (cause) => this.#lost(client, this.#coded(cause, "sent"), false));
    try {
      await inTime(this.#options.connectTimeoutMs, this.#greet(client));
      if (this.#isClosed) throw new Error("it has been closed");
    } catch (error) {
      client.destroy();
      throw this.#coded(error, "connecting");
    }
    const now = performance.now();
    this.#options.onConnect(now - startedAt);
    const lifetimeMs = this.#options.maxLifetimeMs * (1 - LIFETIME_JITTER * Math.random());
    return new Link(client, now + lifetimeMs);
  }

  // A server that wants a password lets anybody connect, and says so with the first command.
  async #greet(client: RedisClient): Promise<void> {
    await client.connect();
    const [first, ...others] = [["PING"], ...this.#options.greeting].map((args) => client.sendCommand(args));
    for (const other of others) other.catch(() => {});
    await first;
  }

  // Callers go on with the old one until the new one is there.
  #replace(old: Link): void {
    this.#connectOnce().then(
      () => {
        setTimeout(() => old.client.destroy(), this.#options.commandTimeoutMs * 2).unref();
        old.client.close().catch(() => {});
      },
      () => {
        old.expiresAt = performance.now() + this.#options.connectTimeoutMs;
      },
    );
  }

  #late(link: Link, command: Command): SluiceError {
    link.ended(command);
    const { name, commandTimeoutMs: timeoutMs } = this.#options;
    const error = new SluiceError("SLUICE_QUERY_TIMEOUT", { name, timeoutMs });
    // Answers come in order: if any has come since, the server is alive, and only slow.
    if (link.lastReplyAt < command.sentAt) {
      this.#lost(link.client, error, true);
      // Those that were sent with it needn't wait for their own deadlines.
      link.client.destroy();
    }
    return error;
  }

  #lost(client: RedisClient, error: SluiceError, isStalled: boolean): void {
    if (this.#link?.client !== client) return;
    this.#link = undefined;
    // It is kept by the driver's own figures otherwise. Not before what is under way has been told what happened.
    setImmediate(() => client.destroy());
    this.#options.onLost(error, isStalled);
  }

  #coded(error: unknown, phase: RedisFailure["phase"]): SluiceError {
    return redisError(this.#options.name, { error, phase, isReply: this.#options.isReply(error) });
  }
}

function inTime(ms: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = new Late(() => reject(new Error(`it did not answer within ${ms} ms`)));
    deadlines.schedule(late, ms);
    work.then(resolve, reject).finally(() => deadlines.cancel(late));
  });
}

class Link {
  readonly client: RedisClient;
  expiresAt: number;
  inFlight = 0;
  lastReplyAt = 0;

  constructor(client: RedisClient, expiresAt: number) {
    this.client = client;
    this.expiresAt = expiresAt;
  }

  answered(command: Command): void {
    this.lastReplyAt = performance.now();
    this.ended(command);
  }

  ended(command: Command): void {
    deadlines.cancel(command);
    if (command.hasEnded) return;
    command.hasEnded = true;
    this.inFlight -= 1;
  }
}

class Late extends Deadline {
  readonly #onLate: () => void;

  constructor(onLate: () => void) {
    super();
    this.#onLate = onLate;
  }

  override onDeadline(): void {
    this.#onLate();
  }
}

class Command extends Late {
  readonly sentAt: number = performance.now();
  hasEnded = false;
}
