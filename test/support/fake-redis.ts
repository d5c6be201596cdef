import { EventEmitter } from "node:events";
import type { RedisArguments, RedisClient, RedisDriver } from "../../src/pools/cache/redis/redis-client.ts";

/** What a fake server says instead of doing something. */
export class FakeReplyError extends Error {}

/** A driver without a server: the test decides what is answered to each command. */
export class FakeRedis implements RedisDriver {
  readonly clients: FakeRedisClient[] = [];
  /** What becomes of connecting. */
  connecting: () => Promise<void> = async () => {};
  /** What is answered; a promise that never settles for nothing. */
  answer: (args: RedisArguments) => unknown = (args): unknown => (args[0] === "PING" ? "PONG" : null);

  readonly create = (): FakeRedisClient => {
    const client = new FakeRedisClient(this);
    this.clients.push(client);
    return client;
  };

  readonly isReply = (error: unknown): boolean => error instanceof FakeReplyError;

  /** All commands sent so far, without those that a connection begins with. */
  get sent(): RedisArguments[] {
    return this.clients.flatMap(({ sent }) => sent).filter(([name]) => name !== "PING" && name !== "SCRIPT");
  }
}

/** A connection to {@link FakeRedis}. */
export class FakeRedisClient extends EventEmitter implements RedisClient {
  readonly sent: RedisArguments[] = [];
  readonly channels: Map<string, () => void> = new Map<string, () => void>();
  isDestroyed = false;
  isClosed = false;
  readonly #redis: FakeRedis;
  readonly #pending = new Set<(error: unknown) => void>();

  constructor(redis: FakeRedis) {
    super();
    this.#redis = redis;
  }

  connect(): Promise<unknown> {
    return this.#redis.connecting();
  }

  sendCommand(args: RedisArguments): Promise<unknown> {
    this.sent.push(args);
    return new Promise((resolve, reject) => {
      this.#pending.add(reject);
      // The answer comes in a later turn, as from a server.
      setImmediate(async () => {
        try {
          resolve(await this.#redis.answer(args));
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  async subscribe(channel: string, listener: () => void): Promise<unknown> {
    await this.#redis.answer(["SUBSCRIBE", channel]);
    this.channels.set(channel, listener);
    return undefined;
  }

  async unsubscribe(channel: string): Promise<unknown> {
    this.channels.delete(channel);
    return undefined;
  }

  /** Breaks the connection, as if the server had gone. */
  break(cause: unknown = new Error("read ECONNRESET")): void {
    for (const reject of this.#pending) reject(cause);
    this.emit("terminated", cause);
  }

  destroy(): void {
    this.isDestroyed = true;
    for (const reject of this.#pending) reject(new Error("Disconnects client"));
  }

  async close(): Promise<unknown> {
    this.isClosed = true;
    return undefined;
  }
}
