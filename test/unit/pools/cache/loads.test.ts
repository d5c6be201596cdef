import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CacheOptions, resolveCacheOptions } from "../../../../src/pools/cache/cache-options.ts";
import type { Entry } from "../../../../src/pools/cache/entry.ts";
import { type LoadSettings, resolveLoadOptions } from "../../../../src/pools/cache/load-settings.ts";
import { Loads } from "../../../../src/pools/cache/loads.ts";
import { MemoryStore } from "../../../../src/pools/cache/memory/memory-store.ts";
import { inTime, turns } from "../../../support/wait-for.ts";

// Reads as a store that is somewhere else does, and as often as the test lets it.
class SlowStore extends MemoryStore {
  reads = 0;
  answer: () => Promise<Entry | undefined> = async () => undefined;

  override read(): never {
    this.reads += 1;
    return this.answer() as never;
  }
}

interface Setup {
  readonly loads: Loads;
  readonly store: SlowStore;
  readonly settings: LoadSettings;
  readonly refused: string[];
}

function setup(given: CacheOptions = {}): Setup {
  const options = resolveCacheOptions({ loadTimeoutMs: null, ...given }, "memory");
  const store = new SlowStore(options);
  const refused: string[] = [];
  const loads = new Loads(store, options, (code) => refused.push(code));
  return { loads, store, settings: resolveLoadOptions({}, options), refused };
}

// What every cache does is in the contract that memory and Redis are held to.
describe("Loads", () => {
  it("reads once for all who ask at a time", async () => {
    const { loads, store, settings } = setup();
    const asked = [1, 2, 3].map(() => loads.ask("a", settings, () => "value"));
    assert.equal(store.reads, 1);
    assert.deepEqual(await Promise.all(asked), ["value", "value", "value"]);
  });

  it("loads, and keeps nothing, if the store can't be read", async () => {
    const { loads, store, settings } = setup();
    store.answer = () => Promise.reject(new Error("down"));
    assert.equal(await loads.ask("a", settings, () => 1), 1);
  });

  it("doesn't load if the last one leaves before it is known whether it is there", async () => {
    const { loads, store, settings } = setup();
    let read: (entry: undefined) => void = () => {};
    store.answer = () => new Promise((resolve) => (read = resolve));
    const leave = new AbortController();
    const asked = loads.ask("a", { ...settings, signal: leave.signal }, () => assert.fail());
    leave.abort();
    await assert.rejects(asked, { code: "SLUICE_LOAD_CANCELLED" });
    read(undefined);
    await turns(3);
    assert.equal(loads.counts.loads, 0);
    assert.equal(loads.asking, 0);
  });

  it("refuses a new key, too, when too many wait, and has no failure of the read go unheard", async () => {
    const { loads, store, settings, refused } = setup({ maxWaiting: 0 });
    store.answer = () => Promise.reject(new Error("down"));
    await assert.rejects(
      loads.ask("a", settings, () => 1),
      { code: "SLUICE_POOL_FULL" },
    );
    assert.deepEqual(refused, ["SLUICE_POOL_FULL"]);
    await turns(2);
  });

  it("has those who come after a delete load anew, while those before get what they asked for", async () => {
    const { loads, settings } = setup();
    let finish: (value: string) => void = () => {};
    const before = loads.ask("a", settings, () => new Promise((resolve) => (finish = resolve)));
    await turns(3);
    loads.overtake("a");
    assert.equal(await loads.ask("a", settings, () => "new"), "new");
    finish("old");
    assert.equal(await before, "old");
  });

  it("closes when nothing is on its way", async () => {
    const { loads } = setup();
    await inTime("closing", loads.close(60_000));
  });
});
