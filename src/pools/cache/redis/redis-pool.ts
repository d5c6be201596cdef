import { SluiceError, type SluiceErrorCode } from "../../../errors/index.ts";
import { within } from "../../../internal/within.ts";
import { Breaker } from "../../breaker.ts";
import { Meter } from "../../meter.ts";
import { Permits } from "../../permits.ts";
import type { PoolStats } from "../../pool-stats.ts";
import type { ResolvedCacheOptions } from "../cache-options.ts";
import type { RedisArguments, RedisDriver } from "./redis-client.ts";
import { RedisConnection } from "./redis-connection.ts";
import { redisScripts } from "./redis-scripts.ts";

const ATTEMPTS_AFTER_LOSS = 3;

/** The connections to a Redis: so many commands under way at a time, so many waiting, and none while it is down. */
export class RedisPool {
  readonly #name: string;
  readonly #commandTimeoutMs: number;
  readonly #connections: readonly RedisConnection[];
  readonly #permits: Permits;
  readonly #breaker: Breaker;
  readonly #meter: Meter;
  // What a caller is told while it is down.
  #failure: SluiceError | undefined;
  #isClosed = false;

  constructor(driver: RedisDriver, options: ResolvedCacheOptions) {
    const { name, maxInFlight: size, maxWaiting, acquireTimeoutMs } = options;
    this.#name = name;
    this.#commandTimeoutMs = options.commandTimeoutMs;
    this.#meter = new Meter(name);
    const onRefused = (code: SluiceErrorCode): void => this.#meter.refused(code);
    this.#permits = new Permits({ name, size, maxWaiting, acquireTimeoutMs, onRefused });
    this.#breaker = new Breaker({ pool: name, probe: () => this.#probe() });
    this.#connections = Array.from({ length: options.connections }, () => this.#connection(driver, options));
  }

  /** Whether commands are refused because it is down, and why. */
  get downReason(): string | undefined {
    return this.#breaker.closed ? undefined : this.#breaker.reason;
  }

  /** Sees that it answers. @throws SLUICE_UNREACHABLE, SLUICE_CREDENTIALS_REFUSED */
  async open(): Promise<void> {
    await this.one("PING", ["PING"]);
  }

  /**
   * Has a command done.
   *
   * @param statement what it is, without any data
   * @throws SLUICE_UNREACHABLE, SLUICE_CREDENTIALS_REFUSED, SLUICE_POOL_FULL, SLUICE_POOL_TIMEOUT, SLUICE_POOL_CLOSED,
   *   SLUICE_QUERY_TIMEOUT, SLUICE_QUERY_FAILED, SLUICE_CONNECTION_LOST
   */
  one(statement: string, args: RedisArguments): Promise<unknown> {
    return this.#run(statement, (connection) => connection.send(args));
  }

  /** Has several commands done, in their order, in one round trip. @throws as {@link RedisPool.one} */
  all(statement: string, commands: readonly RedisArguments[]): Promise<unknown[]> {
    return this.#run(statement, (connection) => Promise.all(commands.map((args) => connection.send(args))));
  }

  stats(): PoolStats {
    const ready = this.#connections.filter(({ isReady }) => isReady);
    const busy = ready.filter(({ inFlight }) => inFlight > 0).length;
    return this.#meter.stats({
      size: ready.length,
      maxSize: this.#connections.length,
      idle: ready.length - busy,
      busy,
      waiting: this.#permits.waiting,
      breaker: this.#breaker.state,
    });
  }

  /** Waits for commands under way, for so many milliseconds at the most, and lets the connections go. */
  async close(drainMs: number): Promise<void> {
    this.#permits.close();
    await within(drainMs, this.#permits.drained());
    this.#isClosed = true;
    this.#breaker.stop();
    for (const connection of this.#connections) connection.close();
  }

  async #run<T>(statement: string, work: (connection: RedisConnection) => Promise<T>): Promise<T> {
    this.#checkUp();
    const askedAt = performance.now();
    let startedAt = askedAt;
    if (!this.#permits.tryAcquire()) {
      await this.#permits.acquire();
      startedAt = performance.now();
    }
    let failure: unknown;
    try {
      const connection = this.#leastBusy();
      if (!connection.isReady) await this.#connect(connection);
      const result = await work(connection);
      this.#breaker.succeeded();
      return result;
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      this.#permits.release();
      this.#meter.ended(statement, startedAt - askedAt, startedAt, failure);
    }
  }

  #checkUp(): void {
    if (this.#breaker.closed) return;
    // What the last caller who got through was told, but for what only he can know.
    const code =
      this.#failure?.code === "SLUICE_CREDENTIALS_REFUSED" ? this.#failure.code : "SLUICE_UNREACHABLE";
    this.#meter.refused(code);
    throw new SluiceError(code, { name: this.#name, reason: this.#breaker.reason }, { cause: this.#failure });
  }

  // One that is ready, before one that has to be made, before one that is ready but has much to do.
  #leastBusy(): RedisConnection {
    let best = this.#connections[0] as RedisConnection;
    for (let at = 1; at < this.#connections.length && best.isReady && best.inFlight > 0; at++) {
      const other = this.#connections[at] as RedisConnection;
      if (!other.isReady || other.inFlight < best.inFlight) best = other;
    }
    return best;
  }

  async #connect(connection: RedisConnection): Promise<void> {
    try {
      await connection.connect();
    } catch (error) {
      this.#failed(error);
      throw error;
    }
  }

  #failed(error: unknown): void {
    if (error instanceof SluiceError) this.#failure = error;
    this.#breaker.failed(error);
  }

  // A server that hasn't answered for as long as a command may take isn't asked again by everybody.
  #stalled(error: SluiceError): void {
    this.#failure = error;
    this.#breaker.trip(this.#noAnswer());
  }

  // What a deadline says to the one who asked is no reason for others.
  #noAnswer(): Error {
    return new Error(`it did not answer within ${this.#commandTimeoutMs} ms`);
  }

  async #probe(): Promise<void> {
    const [first] = this.#connections;
    try {
      await first?.connect();
      await first?.send(["PING"]);
    } catch (error) {
      if (error instanceof SluiceError) this.#failure = error;
      throw error instanceof SluiceError && error.code === "SLUICE_QUERY_TIMEOUT" ? this.#noAnswer() : error;
    }
  }

  #connection(driver: RedisDriver, options: ResolvedCacheOptions): RedisConnection {
    const connection: RedisConnection = new RedisConnection({
      ...options,
      ...driver,
      greeting: redisScripts.map(({ text }) => ["SCRIPT", "LOAD", text]),
      onConnect: (durationMs) => this.#meter.connected(durationMs),
      onLost: (error, isStalled) => {
        this.#meter.disconnected(error.message);
        if (isStalled) this.#stalled(error);
        else void this.#recover(connection);
      },
    });
    return connection;
  }

  // At once, for callers would have to find out otherwise; the breaker takes over if it stays away.
  async #recover(connection: RedisConnection): Promise<void> {
    for (
      let attempt = 0;
      attempt < ATTEMPTS_AFTER_LOSS && this.#breaker.closed && !this.#isClosed;
      attempt++
    ) {
      try {
        await connection.connect();
        return;
      } catch (error) {
        this.#failed(error);
      }
    }
  }
}
