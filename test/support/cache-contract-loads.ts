import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { getEventListeners } from "node:events";
import { after, before, describe, it } from "node:test";
import type { Cache, LoadOptions } from "../../src/pools/cache/cache.ts";
import type { OpenForContract } from "./cache-contract.ts";
import { inTime, waitFor } from "./wait-for.ts";

const LONG: LoadOptions = { ttlMs: 60_000 };
const FAILED = new Error("the loader failed");

/** A loader that is answered by the test. */
class Source {
  calls = 0;
  signals: AbortSignal[] = [];
  #settlers: { resolve(value: unknown): void; reject(error: unknown): void }[] = [];

  readonly load = (signal: AbortSignal): Promise<unknown> => {
    this.calls += 1;
    this.signals.push(signal);
    return new Promise((resolve, reject) => this.#settlers.push({ resolve, reject }));
  };

  called(times = 1): Promise<void> {
    return waitFor(`${times} calls of the loader`, () => this.calls === times);
  }

  answer(value: unknown): void {
    this.#settlers.shift()?.resolve(value);
  }

  fail(error: unknown): void {
    this.#settlers.shift()?.reject(error);
  }
}

/** What `getOrLoad` of every cache does. */
export function cacheLoadContract(open: OpenForContract, freshKey: () => string): void {
  let cache: Cache;
  // Deadlines don't keep a process that has nothing else to do.
  let alive: NodeJS.Timeout;
  before(async () => {
    alive = setInterval(() => {}, 1_000);
    cache = await open({ loadTimeoutMs: 60_000 });
  });
  after(async () => {
    clearInterval(alive);
    await cache.close({ drainMs: 0 });
  });
  const kept = (key: string): Promise<void> =>
    waitFor("the value to be kept", async () => (await cache.get(key)) !== undefined);

  it("loads what isn't there, and keeps it", async () => {
    const key = freshKey();
    const source = new Source();
    const first = cache.getOrLoad(key, LONG, source.load);
    await source.called();
    source.answer({ id: 1 });
    assert.deepEqual(await first, { id: 1 });
    assert.deepEqual(await cache.getOrLoad(key, LONG, source.load), { id: 1 });
    assert.deepEqual(await cache.get(key), { id: 1 });
    assert.equal(source.calls, 1);
  });

  it("takes what was set", async () => {
    const key = freshKey();
    await cache.set(key, "set");
    assert.equal(await cache.getOrLoad(key, LONG, () => assert.fail()), "set");
  });

  it("takes a loader that isn't async", async () => {
    const key = freshKey();
    assert.equal(await cache.getOrLoad(key, LONG, () => 7), 7);
    assert.equal(
      await cache
        .getOrLoad(freshKey(), LONG, () => {
          throw FAILED;
        })
        .catch((error: unknown) => error),
      FAILED,
    );
  });

  it("runs the loader once for 1,000 askers, and gives each a copy", async () => {
    const key = freshKey();
    const source = new Source();
    const askers = Array.from({ length: 1_000 }, () =>
      cache.getOrLoad(key, LONG, source.load as () => Promise<{ list: number[] }>),
    );
    await source.called();
    assert.ok(cache.stats().waiting >= 1_000);
    const value = { list: [1] };
    source.answer(value);
    const copies = await inTime("all askers", Promise.all(askers));
    assert.equal(source.calls, 1);
    assert.equal(new Set(copies).size, 1_000);
    assert.equal(copies.includes(value), false);
    for (const copy of copies) assert.deepEqual(copy, { list: [1] });
    assert.equal(cache.stats().waiting, 0);
  });

  it("gives a loader's failure to all who wait, and keeps it not", async () => {
    const key = freshKey();
    const source = new Source();
    const askers = Array.from({ length: 20 }, () => cache.getOrLoad(key, LONG, source.load));
    const settled = Promise.allSettled(askers);
    await source.called();
    source.fail(FAILED);
    for (const outcome of await settled)
      assert.equal(outcome.status === "rejected" && outcome.reason, FAILED);
    assert.equal(
      await inTime(
        "the next load",
        cache.getOrLoad(key, LONG, () => "good"),
      ),
      "good",
    );
  });

  it("refuses what a loader gives that can't be kept", async () => {
    const loads = [
      cache.getOrLoad(freshKey(), LONG, () => new Map()),
      cache.getOrLoad(freshKey(), LONG, () => [new Set()]),
    ];
    await Promise.all(loads.map((load) => assert.rejects(load, { code: "SLUICE_UNCACHEABLE" })));
  });

  describe("what isn't there", () => {
    for (const missing of [null, undefined]) {
      it(`remembers ${missing}`, async () => {
        const key = freshKey();
        assert.equal(await cache.getOrLoad(key, LONG, () => missing), missing);
        assert.equal(await cache.getOrLoad(key, LONG, () => assert.fail()), missing);
        assert.equal(await cache.get(key), missing);
      });

      it(`doesn't remember ${missing} if it isn't to`, async () => {
        const key = freshKey();
        const options = { ...LONG, negativeTtlMs: 0 };
        assert.equal(await cache.getOrLoad<unknown>(key, options, () => missing), missing);
        assert.equal(await cache.getOrLoad<unknown>(key, options, () => "there"), "there");
      });
    }

    it("is looked for again after its own time", async () => {
      const key = freshKey();
      const options = { ...LONG, negativeTtlMs: 20, staleMs: 60_000 };
      assert.equal(await cache.getOrLoad<unknown>(key, options, () => null), null);
      await waitFor("it to be looked for", async () => {
        return (await cache.getOrLoad<unknown>(key, options, () => "there")) === "there";
      });
    });
  });

  describe("a caller who doesn't wait", () => {
    it("leaves by his timeout, without harm to others", async () => {
      const key = freshKey();
      const source = new Source();
      const patient = cache.getOrLoad(key, LONG, source.load);
      const late = cache.getOrLoad(key, { ...LONG, timeoutMs: 10 }, source.load);
      await assert.rejects(inTime("the timeout", late), { code: "SLUICE_LOAD_TIMEOUT", message: /10 ms/ });
      await source.called();
      assert.equal(source.signals[0]?.aborted, false);
      source.answer("good");
      assert.equal(await patient, "good");
    });

    it("leaves by his signal, without harm to others", async () => {
      const key = freshKey();
      const source = new Source();
      const leave = new AbortController();
      const { signal } = leave;
      const patient = cache.getOrLoad(key, LONG, source.load);
      const leaving = cache.getOrLoad(key, { ...LONG, signal }, source.load);
      await source.called();
      leave.abort(FAILED);
      await assert.rejects(leaving, { code: "SLUICE_LOAD_CANCELLED", cause: FAILED });
      source.answer("good");
      assert.equal(await patient, "good");
      assert.equal(getEventListeners(signal, "abort").length, 0);
      await assert.rejects(cache.getOrLoad(key, { ...LONG, signal }, source.load), {
        code: "SLUICE_LOAD_CANCELLED",
      });
    });

    it("and was the last one, has the load aborted and another one begun for who comes next", async () => {
      const key = freshKey();
      const source = new Source();
      const leave = [new AbortController(), new AbortController()];
      const leaving = leave.map(({ signal }) => cache.getOrLoad(key, { ...LONG, signal }, source.load));
      await source.called();
      leave[0]?.abort();
      await assert.rejects(leaving[0] as Promise<unknown>, { code: "SLUICE_LOAD_CANCELLED" });
      assert.equal(source.signals[0]?.aborted, false);
      leave[1]?.abort();
      await assert.rejects(leaving[1] as Promise<unknown>, { code: "SLUICE_LOAD_CANCELLED" });
      assert.equal(source.signals[0]?.aborted, true);
      assert.equal(cache.stats().waiting, 0);
      const next = cache.getOrLoad(key, LONG, source.load);
      await source.called(2);
      // The first loader doesn't heed its signal: what it brings is for nobody.
      source.answer("old");
      source.answer("new");
      assert.equal(await next, "new");
      await kept(key);
      assert.equal(await cache.get(key), "new");
    });
  });

  describe("stale values", () => {
    it("are given at once while one caller loads the new one", async () => {
      const key = freshKey();
      const source = new Source();
      const options = { ttlMs: 1, staleMs: 60_000 };
      assert.equal(await cache.getOrLoad(key, options, () => "old"), "old");
      await waitFor("it to be stale", async () => {
        assert.equal(await cache.getOrLoad(key, options, source.load), "old");
        return source.calls > 0;
      });
      const many = Array.from({ length: 100 }, () => cache.getOrLoad(key, options, source.load));
      assert.deepEqual(new Set(await Promise.all(many)), new Set(["old"]));
      assert.equal(source.calls, 1);
      source.answer("new");
      await waitFor("the new value", async () => {
        return (await cache.getOrLoad(key, { ttlMs: 60_000, staleMs: 0 }, source.load)) === "new";
      });
      assert.ok(cache.stats().staleHits > 1);
    });

    it("outlive a loader that fails", async () => {
      const key = freshKey();
      const options = { ttlMs: 1, staleMs: 60_000 };
      let failures = 0;
      await cache.getOrLoad(key, options, () => "old");
      await waitFor("the loader to have failed twice", async () => {
        const value = await cache.getOrLoad(key, options, () => {
          failures += 1;
          throw FAILED;
        });
        assert.equal(value, "old");
        return failures > 1;
      });
    });

    it("aren't given by get", async () => {
      const key = freshKey();
      await cache.getOrLoad(key, { ttlMs: 1, staleMs: 60_000 }, () => "old");
      await waitFor("it to be stale", async () => (await cache.get(key)) === undefined);
    });
  });

  describe("a key that is set or deleted while it is loaded", () => {
    it("keeps what was set", async () => {
      const key = freshKey();
      const source = new Source();
      const loading = cache.getOrLoad(key, LONG, source.load);
      await source.called();
      await cache.set(key, "set");
      assert.equal(await cache.getOrLoad(key, LONG, source.load), "set");
      source.answer("loaded");
      assert.equal(await loading, "loaded");
      await cache.getOrLoad(freshKey(), LONG, () => 1);
      assert.equal(await cache.get(key), "set");
    });

    it("isn't brought back", async () => {
      const key = freshKey();
      const source = new Source();
      const loading = cache.getOrLoad(key, LONG, source.load);
      await source.called();
      await cache.delete(key);
      source.answer("old");
      assert.equal(await loading, "old");
      await cache.getOrLoad(freshKey(), LONG, () => 1);
      assert.equal(await cache.get(key), undefined);
      assert.equal(await cache.getOrLoad(key, LONG, () => "new"), "new");
    });
  });

  it("loads so many keys at a time, and refuses when too many wait for that", async () => {
    const small = await open({ maxLoads: 2, maxWaiting: 1, acquireTimeoutMs: 60_000 });
    const source = new Source();
    const first = [1, 2, 3].map(() => small.getOrLoad(freshKey(), LONG, source.load));
    await source.called(2);
    await assert.rejects(small.getOrLoad(freshKey(), LONG, source.load), { code: "SLUICE_POOL_FULL" });
    source.answer(1);
    await source.called(3);
    source.answer(2);
    source.answer(3);
    assert.deepEqual((await Promise.all(first)).sort(), [1, 2, 3]);
    assert.equal(small.stats().refused, 1);
    await small.close();
  });

  it("bounds those who wait for one key", async () => {
    const small = await open({ maxWaiting: 1 });
    const key = freshKey();
    const source = new Source();
    const askers = Array.from({ length: 10 }, () => small.getOrLoad(key, LONG, source.load));
    await source.called();
    await assert.rejects(small.getOrLoad(key, LONG, source.load), { code: "SLUICE_POOL_FULL" });
    source.answer(1);
    assert.deepEqual(new Set(await Promise.all(askers)), new Set([1]));
    await small.close();
  });

  it("isn't held by a loader that never ends", async () => {
    const small = await open({ maxLoads: 1, loadTimeoutMs: 30 });
    await assert.rejects(
      small.getOrLoad(freshKey(), LONG, () => new Promise(() => {})),
      { code: "SLUICE_LOAD_TIMEOUT" },
    );
    assert.equal(
      await inTime(
        "the next load",
        small.getOrLoad(freshKey(), { ...LONG, timeoutMs: null }, () => 1),
      ),
      1,
    );
    await small.close();
  });

  it("refuses options that are none", async () => {
    const bad: Record<string, unknown>[] = [
      { staleMs: -1 },
      { staleMs: Number.NaN },
      { negativeTtlMs: -1 },
      { jitter: 2 },
      { timeoutMs: 0 },
      { timeoutMs: Number.NaN },
      { signal: {} },
    ];
    for (const options of bad) {
      const refused = { code: "SLUICE_INVALID_OPTION", message: new RegExp(Object.keys(options)[0] ?? "") };
      await assert.rejects(
        cache.getOrLoad(freshKey(), options, () => 1),
        refused,
      );
    }
    await assert.rejects(cache.getOrLoad(freshKey(), LONG, 1 as never), { code: "SLUICE_INVALID_OPTION" });
    await assert.rejects(
      cache.getOrLoad(freshKey(), null as never, () => 1),
      { code: "SLUICE_INVALID_OPTION" },
    );
  });

  it("publishes its loads, and counts them", async () => {
    const heard: unknown[] = [];
    const listen = (message: unknown): void => void heard.push(message);
    const named = await open({ name: "heard" });
    subscribe("sluice.cache.load", listen);
    const [good, bad] = [freshKey(), freshKey()];
    await named.getOrLoad(good, LONG, () => 1);
    await named.getOrLoad(good, LONG, () => 1);
    await assert.rejects(named.getOrLoad(bad, LONG, () => Promise.reject(FAILED)));
    unsubscribe("sluice.cache.load", listen);
    const [first, second] = heard as { durationMs: number }[];
    assert.equal(heard.length, 2);
    assert.deepEqual(first, { cache: "heard", key: good, durationMs: first?.durationMs, error: undefined });
    assert.deepEqual(second, { cache: "heard", key: bad, durationMs: second?.durationMs, error: FAILED });
    const { loads, loadErrors, misses, hits } = named.stats();
    assert.deepEqual({ loads, loadErrors, misses }, { loads: 2, loadErrors: 1, misses: 2 });
    assert.ok(hits <= 1);
    await named.close();
  });
}
