import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { SluiceError } from "../../../src/errors/index.ts";
import type { Cache } from "../../../src/pools/cache/cache.ts";
import type { CacheOptions } from "../../../src/pools/cache/cache-options.ts";
import { openCache } from "../../../src/pools/cache/open-cache.ts";
import { freePort } from "../../support/servers/free-port.ts";
import type { LiveServer } from "../../support/servers/live-server.ts";
import { redisSkip, startRedis } from "../../support/servers/redis.ts";
import { inTime, waitFor } from "../../support/wait-for.ts";

const LONG = { ttlMs: 600_000 };
const MEANWHILE = ["SLUICE_UNREACHABLE", "SLUICE_CONNECTION_LOST", "SLUICE_QUERY_TIMEOUT"];

describe("a Redis that goes away", { skip: redisSkip }, () => {
  let redis: LiveServer;
  let cache: Cache;
  before(async () => {
    redis = await startRedis();
  });
  beforeEach(async () => {
    cache = await openCache(redis.url, { commandTimeoutMs: 500 });
    await cache.open();
  });
  afterEach(async () => {
    await cache.close({ drainMs: 0 });
    redis.resume();
  });
  after(() => redis.kill());

  const isUp = async (): Promise<boolean> => {
    return (
      cache.health().status === "up" &&
      (await cache.set("probe", 1).then(
        () => true,
        () => false,
      ))
    );
  };

  for (const [what, harm, mend] of [
    ["is killed and started again", () => redis.kill(), () => redis.restart()],
    ["is stopped and started again", () => redis.stop(), () => redis.restart()],
    ["is paused", async () => redis.pause(), async () => redis.resume()],
  ] as const) {
    it(`${what} under load: coded errors meanwhile, loads go on, and then it is used again`, async () => {
      const load = new Load(cache);
      await waitFor("the load to run", () => load.good > 100);
      await harm();
      await waitFor("errors", () => load.codes.size > 0);
      await waitFor("it to be down", () => cache.health().status === "down");
      const { loaded } = load;
      await waitFor("loads to go on", () => load.loaded > loaded + 20);
      assert.equal(cache.stats().breaker === "closed", false);
      await mend();
      await waitFor("it to be up", isUp);
      const { good } = load;
      await waitFor("the load to run again", () => load.good > good + 100);
      await inTime("the load to end", load.stop());
      for (const code of load.codes) assert.ok(MEANWHILE.includes(code), code);
      assert.deepEqual(load.failedLoads, []);
      assert.equal(cache.stats().waiting, 0);
      await waitFor("what was loaded last to be stored", () => cache.stats().busy === 0);
    });
  }

  it("has every command settled while it is paused", async () => {
    redis.pause();
    const commands = [cache.get("a"), cache.set("a", 1), cache.getMany(["a", "b"]), cache.delete("a")];
    for (const outcome of await inTime("all of them", Promise.allSettled(commands))) {
      assert.equal(outcome.status, "rejected");
      assert.ok(MEANWHILE.includes((outcome.reason as SluiceError).code));
    }
    await waitFor("it to be down", () => cache.health().status === "down");
    await assert.rejects(cache.get("a"), { code: "SLUICE_UNREACHABLE" });
    redis.resume();
    await waitFor("it to be up", isUp);
  });

  it("is found again without anybody asking", async () => {
    await redis.kill();
    await waitFor("it to be down", () => cache.health().status === "down");
    await redis.restart();
    await waitFor("it to be up", () => cache.health().status === "up");
    await cache.set("a", 1);
  });

  it("loses what it kept, and its scripts, and is filled again", async () => {
    await cache.getOrLoad("lost", LONG, () => "first");
    await waitFor("it to be kept", async () => (await cache.get("lost")) === "first");
    await redis.restart();
    await waitFor("it to be up", isUp);
    assert.equal(await cache.getOrLoad("lost", LONG, () => "second"), "second");
    await waitFor("it to be kept", async () => (await cache.get("lost")) === "second");
  });

  it("has a value loaded once in a process while it is down, and not kept", async () => {
    await redis.kill();
    await waitFor("it to be down", () => cache.health().status === "down");
    let loads = 0;
    let finish: (value: string) => void = () => {};
    const load = (): Promise<string> => {
      loads += 1;
      return new Promise((resolve) => (finish = resolve));
    };
    const askers = Array.from({ length: 1_000 }, () => cache.getOrLoad("down", LONG, load));
    await waitFor("the loader", () => loads > 0);
    finish("loaded");
    assert.deepEqual(new Set(await Promise.all(askers)), new Set(["loaded"]));
    assert.equal(loads, 1);
    assert.equal(await cache.getOrLoad("down", LONG, () => "again"), "again");
    await redis.restart();
  });

  it("goes away while another process's load is waited for: then it is loaded here", async () => {
    const other = await openCache(redis.url, { lockMs: 60_000 });
    const never = other.getOrLoad("waited", LONG, () => new Promise(() => {}));
    never.catch(() => {});
    await waitFor("the other's loader", () => other.stats().loads === 1);
    const here = cache.getOrLoad("waited", LONG, () => "here");
    await waitFor("this one to wait", () => cache.stats().misses === 1);
    await redis.kill();
    assert.equal(await inTime("the value", here), "here");
    await other.close({ drainMs: 0 });
    await redis.restart();
  });

  it("bounds what is under way and what waits", async () => {
    const small = await openCache(redis.url, { maxInFlight: 1, maxWaiting: 2, acquireTimeoutMs: 50 });
    await small.open();
    redis.pause();
    const first = small.get("a");
    const waiting = [small.get("b"), small.get("c")];
    await assert.rejects(small.get("d"), { code: "SLUICE_POOL_FULL" });
    assert.equal(small.stats().waiting, 2);
    for (const outcome of await Promise.allSettled(waiting)) {
      assert.equal(outcome.status === "rejected" && outcome.reason.code, "SLUICE_POOL_TIMEOUT");
    }
    redis.resume();
    assert.equal(await first, undefined);
    assert.equal(small.stats().refused, 3);
    await small.close();
  });

  it("doesn't hold up closing", async () => {
    redis.pause();
    const asked = cache.get("a");
    const settled = Promise.allSettled([asked]);
    await inTime("closing", cache.close({ drainMs: 20 }));
    const [outcome] = await inTime("the command", settled);
    assert.equal(outcome?.status, "rejected");
  });
});

describe("a Redis that can't be used", { skip: redisSkip }, () => {
  let redis: LiveServer;
  before(async () => {
    redis = await startRedis({ requirepass: "secret" });
  });
  after(() => redis.kill());

  async function refused(url: string, options: CacheOptions = {}): Promise<SluiceError> {
    const cache = await openCache(url, { connectTimeoutMs: 2_000, ...options });
    const error = await inTime(
      "an error",
      cache.open().catch((cause: unknown) => cause),
    );
    assert.ok(error instanceof SluiceError, String(error));
    assert.equal(await cache.getOrLoad("a", LONG, () => "loaded"), "loaded");
    await inTime("closing", cache.close());
    return error;
  }

  it("isn't connected to before it is used", async () => {
    const cache = await openCache(redis.url);
    assert.equal(cache.stats().connects, 0);
    assert.equal(await cache.get("a"), undefined);
    assert.equal(cache.stats().connects, 1);
    await cache.close();
    assert.equal(cache.stats().size, 0);
  });

  it("because nothing listens", async () => {
    const port = await freePort();
    assert.equal((await refused(`redis://127.0.0.1:${port}`)).code, "SLUICE_UNREACHABLE");
    assert.equal((await refused(`redis://localhost:${port}`)).code, "SLUICE_UNREACHABLE");
  });

  it("because there is no such host", async () => {
    assert.equal((await refused("redis://nowhere.invalid")).code, "SLUICE_UNREACHABLE");
  });

  it("because it doesn't answer", async () => {
    redis.pause();
    const error = await refused(redis.url, { connectTimeoutMs: 100 });
    redis.resume();
    assert.equal(error.code, "SLUICE_UNREACHABLE");
  });

  it("because the password is wrong or missing, and tells it to nobody", async () => {
    for (const user of [":wrong", "nobody:secret", ""]) {
      const error = await refused(`redis://${user}@127.0.0.1:${redis.port}`);
      assert.equal(error.code, "SLUICE_CREDENTIALS_REFUSED");
      assert.doesNotMatch(error.message, /secret|wrong/);
    }
  });

  it("because it has no such database", async () => {
    assert.equal((await refused(`${redis.url}/999`)).code, "SLUICE_CREDENTIALS_REFUSED");
  });

  it("keeps the databases of one server apart", async () => {
    const [one, other] = [await openCache(`${redis.url}/1`), await openCache(`${redis.url}/2`)];
    await one.set("a", 1);
    assert.equal(await other.get("a"), undefined);
    await Promise.all([one.close(), other.close()]);
  });

  it("has old connections replaced while they are used", async () => {
    const cache = await openCache(redis.url, { maxLifetimeMs: 5 });
    await waitFor("connections to be replaced", async () => {
      await Promise.all(Array.from({ length: 50 }, () => cache.set("a", 1)));
      return cache.stats().connects > 3;
    });
    assert.equal(cache.stats().errors, 0);
    await cache.close();
  });

  it("publishes what becomes of its connections and commands", async () => {
    const heard = new Set<string>();
    const names = [
      "sluice.pool.connect",
      "sluice.pool.disconnect",
      "sluice.pool.query",
      "sluice.pool.breaker",
    ];
    const listen = (_: unknown, name: string | symbol): void => void heard.add(String(name));
    for (const name of names) subscribe(name, listen);
    const cache = await openCache(redis.url);
    await cache.set("a", 1);
    await redis.kill();
    await waitFor("all of them", () => heard.size === names.length);
    for (const name of names) unsubscribe(name, listen);
    await cache.close({ drainMs: 0 });
    await redis.restart();
  });
});

// Callers that go on whatever happens, and what became of them.
class Load {
  good = 0;
  loaded = 0;
  readonly codes = new Set<string>();
  readonly failedLoads: unknown[] = [];
  #isRunning = true;
  readonly #callers: Promise<void>[];
  readonly #cache: Cache;

  constructor(cache: Cache) {
    this.#cache = cache;
    this.#callers = Array.from({ length: 20 }, (_, at) => this.#call(at));
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    await Promise.all(this.#callers);
  }

  async #call(caller: number): Promise<void> {
    for (let round = 0; this.#isRunning; round++) {
      const key = `load:${caller % 5}:${round % 50}`;
      try {
        if (round % 2 === 0) await this.#cache.set(key, round);
        else await this.#cache.getMany([key, "other"]);
        this.good += 1;
      } catch (error) {
        this.codes.add(error instanceof SluiceError ? error.code : String(error));
      }
      try {
        await this.#cache.getOrLoad(`fresh:${caller}:${round}`, { ttlMs: 1_000 }, () => round);
        this.loaded += 1;
      } catch (error) {
        this.failedLoads.push(error);
      }
      // What is refused is refused at once: the test needs its turn, too.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
