import type { Watch } from "../shared-loads.ts";
import type { RedisClient } from "./redis-client.ts";

// After a failure nobody tries again for so long.
const RETRY_MS = 1_000;

/**
 * Who waits for which channel, on one connection of their own that is made when somebody first waits. While it is down, those who
 * wait are told that they aren't.
 */
export class Announcements {
  readonly #create: () => RedisClient;
  readonly #watches = new Map<string, Set<ChannelWatch>>();
  readonly #subscribed = new Set<string>();
  #client: RedisClient | undefined;
  #connecting: Promise<RedisClient> | undefined;
  #retryAt = 0;
  #isClosed = false;

  constructor(create: () => RedisClient) {
    this.#create = create;
  }

  /** Looks out for a channel. */
  watch(channel: string): Watch {
    const watch = new ChannelWatch(this, channel);
    const watches = this.#watches.get(channel);
    if (watches === undefined) this.#watches.set(channel, new Set([watch]));
    else watches.add(watch);
    // What was told before is missed: it is worth asking once more.
    if (this.isSubscribed(channel)) watch.tell();
    else this.subscribe(channel);
    return watch;
  }

  isSubscribed(channel: string): boolean {
    return this.#subscribed.has(channel);
  }

  /** Subscribes in the background; those who wait are told once that is done. */
  subscribe(channel: string): void {
    if (this.#isClosed || performance.now() < this.#retryAt) return;
    this.#subscribe(channel).catch(() => {
      this.#retryAt = performance.now() + RETRY_MS;
    });
  }

  /** For a watch that has stopped. */
  leave(channel: string, watch: ChannelWatch): void {
    const watches = this.#watches.get(channel);
    watches?.delete(watch);
    if (watches?.size !== 0) return;
    this.#watches.delete(channel);
    if (this.#subscribed.delete(channel)) this.#client?.unsubscribe(channel).catch(() => {});
  }

  close(): void {
    this.#isClosed = true;
    this.#client?.destroy();
    this.#lost();
  }

  async #subscribe(channel: string): Promise<void> {
    const client = this.#client ?? (await this.#connect());
    if (!this.#watches.has(channel)) return;
    await client.subscribe(channel, () => this.#tell(channel));
    if (this.#client !== client) return;
    if (!this.#watches.has(channel)) await client.unsubscribe(channel);
    else {
      this.#subscribed.add(channel);
      this.#tell(channel);
    }
  }

  #connect(): Promise<RedisClient> {
    this.#connecting ??= this.#make().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #make(): Promise<RedisClient> {
    const client = this.#create();
    client.on("error", () => {});
    client.on("terminated", () => {
      if (this.#client === client) this.#lost();
      setImmediate(() => client.destroy());
    });
    try {
      await client.connect();
      if (this.#isClosed) throw new Error("closed meanwhile");
    } catch (error) {
      client.destroy();
      throw error;
    }
    this.#client = client;
    return client;
  }

  #lost(): void {
    this.#client = undefined;
    this.#subscribed.clear();
    for (const channel of [...this.#watches.keys()]) this.#tell(channel);
  }

  #tell(channel: string): void {
    for (const watch of this.#watches.get(channel) ?? []) watch.tell();
  }
}

class ChannelWatch implements Watch {
  readonly #announcements: Announcements;
  readonly #channel: string;
  // Told while nobody was listening.
  #isTold = false;
  #wake: (() => void) | undefined;

  constructor(announcements: Announcements, channel: string) {
    this.#announcements = announcements;
    this.#channel = channel;
  }

  get live(): boolean {
    return this.#announcements.isSubscribed(this.#channel);
  }

  async next(withinMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#isTold && !signal.aborted) {
      if (!this.live) this.#announcements.subscribe(this.#channel);
      await this.#wait(withinMs, signal);
    }
    this.#isTold = false;
  }

  tell(): void {
    this.#isTold = true;
    this.#wake?.();
  }

  stop(): void {
    this.#announcements.leave(this.#channel, this);
  }

  #wait(withinMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", wake);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(wake, withinMs);
      signal.addEventListener("abort", wake);
      this.#wake = wake;
    });
  }
}
