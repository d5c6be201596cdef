import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { after, afterEach, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { createClient } from "@redis/client";
import type { Cache } from "../../../src/pools/cache/cache.ts";
import type { CacheOptions } from "../../../src/pools/cache/cache-options.ts";
import { openCache } from "../../../src/pools/cache/open-cache.ts";
import type { AskerSays, Asking } from "../../support/cache-asker.ts";
import type { LiveServer } from "../../support/servers/live-server.ts";
import { redisSkip, startRedis } from "../../support/servers/redis.ts";
import { inTime, waitFor } from "../../support/wait-for.ts";

const ASKER = fileURLToPath(new URL("../../support/cache-asker.ts", import.meta.url));
const LONG = { ttlMs: 600_000 };

describe("caches of several processes on one Redis", { skip: redisSkip }, () => {
  let redis: LiveServer;
  const children: Asker[] = [];
  const caches: Cache[] = [];
  before(async () => {
    redis = await startRedis();
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill();
    for (const cache of caches.splice(0)) await cache.close({ drainMs: 0 });
  });
  after(() => redis.kill());

  async function open(options: CacheOptions = {}): Promise<Cache> {
    const cache = await openCache(redis.url, options);
    caches.push(cache);
    return cache;
  }

  async function spawnAsker(options: CacheOptions = {}): Promise<Asker> {
    const child = new Asker(redis.url, options);
    children.push(child);
    await child.ready();
    return child;
  }

  it("run the loader once for a key that none of them has", async () => {
    const askers = await Promise.all([spawnAsker(), spawnAsker(), spawnAsker()]);
    for (const asker of askers)
      asker.ask({ key: "cold", askers: 100, value: { pid: asker.pid }, loaderMs: 300, ...LONG });
    const values = (await Promise.all(askers.map((asker) => asker.values()))).flat();
    assert.equal(values.length, 300);
    assert.equal(new Set(values.map((value) => JSON.stringify(value))).size, 1);
    assert.equal(
      askers.reduce((sum, { loads }) => sum + loads, 0),
      1,
    );
  });

  it("take over a lock that wouldn't end, of whatever type", async () => {
    const client = await createClient({ url: redis.url }).connect();
    await client.set("sluice:l:text", "somebody's");
    await client.rPush("sluice:l:list", "somebody's");
    const cache = await open({ lockMs: 100 });
    for (const key of ["text", "list"]) {
      assert.equal(
        await inTime(
          key,
          cache.getOrLoad(key, LONG, () => "ours"),
        ),
        "ours",
      );
      await waitFor("it to be kept", async () => (await cache.get(key)) === "ours");
    }
    client.destroy();
  });

  it("keep a claim for a loader that takes longer than the claim lasts", async () => {
    const askers = await Promise.all([spawnAsker({ lockMs: 1_500 }), spawnAsker({ lockMs: 1_500 })]);
    for (const asker of askers)
      asker.ask({ key: "slow", askers: 1, value: "slow", loaderMs: 4_500, ...LONG });
    await Promise.all(askers.map((asker) => asker.values()));
    assert.equal((askers[0]?.loads ?? 0) + (askers[1]?.loads ?? 0), 1);
  });

  it("take over from one that has died", async () => {
    const dying = await spawnAsker({ lockMs: 500 });
    dying.ask({ key: "orphan", askers: 1, value: "never", loaderMs: null, ...LONG });
    await waitFor("the loader of the one that will die", () => dying.loads === 1);
    const cache = await open({ lockMs: 500 });
    const value = cache.getOrLoad("orphan", LONG, () => "taken over");
    dying.kill();
    assert.equal(await inTime("the value", value), "taken over");
  });

  it("don't let one that was held overwrite what another has loaded since", async () => {
    const held = await spawnAsker({ lockMs: 300 });
    held.ask({ key: "held", askers: 1, value: "old", loaderMs: 2_000, ...LONG });
    await waitFor("its loader", () => held.loads === 1);
    held.signal("SIGSTOP");
    const cache = await open({ lockMs: 300 });
    assert.equal(
      await inTime(
        "the new value",
        cache.getOrLoad("held", LONG, () => "new"),
      ),
      "new",
    );
    held.signal("SIGCONT");
    assert.deepEqual(await held.values(), ["old"]);
    await waitFor("the new value to be kept", async () => (await cache.get("held")) === "new");
    // As long as it tries to store that, whoever asks it is given it.
    let answer: unknown[] = [];
    await waitFor("it to have had its say", async () => {
      held.ask({ key: "held", askers: 1, value: "older", loaderMs: 0, ...LONG });
      answer = await held.values();
      return answer[0] !== "old";
    });
    assert.deepEqual(answer, ["new"]);
    assert.equal(await cache.get("held"), "new");
  });

  it("refresh a stale value once", async () => {
    const [one, other] = [await open(), await open()];
    const options = { ttlMs: 1, staleMs: 600_000 };
    let loads = 0;
    let finish: (value: string) => void = () => {};
    const load = (): Promise<string> => {
      loads += 1;
      return new Promise((resolve) => (finish = resolve));
    };
    await one.getOrLoad("stale", options, () => "old");
    await waitFor(
      "it to be stale",
      async () => (await one.getOrLoad("stale", options, load)) === "old" && loads > 0,
    );
    for (let asked = 0; asked < 20; asked++)
      assert.equal(await other.getOrLoad("stale", options, load), "old");
    assert.equal(loads, 1);
    finish("new");
    await waitFor("the new value", async () => (await other.getOrLoad("stale", LONG, load)) === "new");
  });

  it("load one after the other if the loader fails", async () => {
    const [one, other] = [await open(), await open()];
    let fail: (error: Error) => void = () => {};
    const first = one.getOrLoad("failing", LONG, () => new Promise((_, reject) => (fail = reject)));
    await waitFor("the first loader", () => one.stats().loads === 1);
    const second = other.getOrLoad("failing", LONG, () => "good");
    await waitFor("the other to wait", () => other.stats().misses === 1);
    fail(new Error("no"));
    await assert.rejects(first, /no/);
    assert.equal(await inTime("the second", second), "good");
  });

  it("hear of a value that is set while they wait for it to be loaded", async () => {
    const [one, other] = [await open({ lockMs: 60_000 }), await open({ lockMs: 60_000 })];
    const first = one.getOrLoad("set", LONG, () => new Promise(() => {}));
    first.catch(() => {});
    await waitFor("the first loader", () => one.stats().loads === 1);
    const second = other.getOrLoad("set", LONG, () => assert.fail());
    await waitFor("the other to wait", () => other.stats().misses === 1);
    await one.set("set", "value");
    assert.equal(await inTime("the second", second), "value");
  });

  it("leave nothing behind in Redis but values that end", async () => {
    const client = await createClient({ url: redis.url }).connect();
    const cache = await open({ keyPrefix: "trace:" });
    await cache.getOrLoad("a", LONG, () => 1);
    await assert.rejects(cache.getOrLoad("b", LONG, () => Promise.reject(new Error("no"))));
    await cache.set("c", 1);
    await waitFor("the locks to be gone", async () => (await client.keys("trace:l:*")).length === 0);
    assert.deepEqual((await client.keys("trace:*")).sort(), ["trace:v:a", "trace:v:c"]);
    for (const key of await client.keys("trace:*")) assert.ok((await client.pTTL(key)) > 0);
    client.destroy();
  });

  it("share nothing when their keys begin differently", async () => {
    const [one, other] = [await open({ keyPrefix: "one:" }), await open({ keyPrefix: "other:" })];
    await one.set("key", 1);
    assert.equal(await other.get("key"), undefined);
    assert.equal(await other.getOrLoad("key", LONG, () => 2), 2);
    assert.equal(await one.get("key"), 1);
  });

  it("take what isn't theirs for nothing, and replace it", async () => {
    const client = await createClient({ url: redis.url }).connect();
    const cache = await open({ keyPrefix: "" });
    const later = `${(Date.now() + 600_000).toString(36).padStart(9, "0")}`;
    const strangers = [
      "",
      "text",
      "s1",
      `s1j${later}${later}{not json`,
      `s1x${later}${later}`,
      `s1j${"-".repeat(18)}1`,
    ];
    for (const [at, stranger] of strangers.entries()) {
      const key = `stranger${at}`;
      await client.set(`v:${key}`, stranger);
      assert.equal(await cache.get(key), undefined, stranger);
      assert.deepEqual(await cache.getMany([key]), [undefined], stranger);
      assert.equal(
        await inTime(
          stranger,
          cache.getOrLoad(key, LONG, () => "ours"),
        ),
        "ours",
      );
      await waitFor("ours to be kept", async () => (await cache.get(key)) === "ours");
    }
    await client.lPush("v:list", "x");
    assert.equal(await cache.get("list"), undefined);
    assert.deepEqual(await cache.getMany(["list"]), [undefined]);
    assert.equal(await cache.getOrLoad("list", LONG, () => "loaded"), "loaded");
    await waitFor("it to be kept", async () => (await cache.get("list")) === "loaded");
    client.destroy();
  });
});

class Asker {
  loads = 0;
  readonly #child: ChildProcess;
  #isReady = false;
  #values: unknown[] | undefined;

  constructor(url: string, options: CacheOptions) {
    this.#child = fork(ASKER, [url, JSON.stringify(options)], { execArgv: ["--import", "tsx"] });
    this.#child.on("message", (message: AskerSays) => {
      if (message.says === "ready") this.#isReady = true;
      else if (message.says === "loading") this.loads += 1;
      else this.#values = message.values;
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  ready(): Promise<void> {
    return waitFor("a process to be ready", () => this.#isReady, 60_000);
  }

  ask(asking: Asking): void {
    this.#values = undefined;
    this.#child.send(asking);
  }

  async values(): Promise<unknown[]> {
    await waitFor("the values of a process", () => this.#values !== undefined);
    return this.#values ?? [];
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}
