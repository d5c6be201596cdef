import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Cache } from "../../src/pools/cache/cache.ts";
import { MAX_KEY_BYTES } from "../../src/pools/cache/cache-key.ts";
import type { CacheOptions } from "../../src/pools/cache/cache-options.ts";
import { cacheLoadContract } from "./cache-contract-loads.ts";
import { inTime, waitFor } from "./wait-for.ts";

/** Opens a cache of the kind under test, each time another one. What is kept in one may be there in the next. */
export type OpenForContract = (options?: CacheOptions) => Promise<Cache>;

let keys = 0;

/** A key that no other test uses. */
function freshKey(): string {
  keys += 1;
  return `contract:${process.pid}:${keys}`;
}

const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1.5,
  Number.MAX_SAFE_INTEGER,
  1e300,
  "",
  "text",
  "Grüße, 世界 🌍 \u0000 \ud800",
  [],
  {},
  [1, [2, [null, "three"]]],
  { a: 1, nested: { list: [true, null], "": "no name", __proto_: 1 } },
  new Date(0),
  2n ** 70n,
  Number.NaN,
  Number.NEGATIVE_INFINITY,
  [
    {
      id: 9_007_199_254_740_993n,
      at: new Date("2026-01-02T03:04:05.678Z"),
      picture: new Uint8Array([0, 255]),
    },
  ],
  { $date: "not a date" },
  [{ $date: 1 }, { $$date: new Date(1) }],
];

const UNCACHEABLE: readonly [unknown, RegExp][] = [
  [undefined, /undefined/],
  [() => 1, /function/],
  [Symbol("s"), /symbol/],
  [new Date(Number.NaN), /a date that isn't valid/],
  [new Map(), /Map/],
  [new Set(), /Set/],
  [/x/, /RegExp/],
  [new Error("x"), /Error/],
  [Promise.resolve(1), /Promise/],
  [new Float64Array(1), /Float64Array/],
  [{ rows: [{ at: new Map() }] }, /\.rows\[0\]\.at is of type Map/],
  [{ a: [undefined] }, /\.a\[0\]/],
  [{ toJSON: () => 1 }, /JSON/],
];

/** What every cache does, whatever keeps its values. */
export function cacheContract(name: string, open: OpenForContract, skip: string | false = false): void {
  describe(`${name}: the contract of a cache`, { skip }, () => {
    describe("values", () => valuesContract(open));
    describe("bad input", () => badInputContract(open));
    describe("its life", () => lifeContract(open));
    describe("getOrLoad", () => cacheLoadContract(open, freshKey));
  });
}

function valuesContract(open: OpenForContract): void {
  let cache: Cache;
  before(async () => {
    cache = await open();
  });
  after(() => cache.close());

  it("has nothing under a key that was never set", async () => {
    assert.equal(await cache.get(freshKey()), undefined);
    assert.deepEqual(await cache.getMany([freshKey(), freshKey()]), [undefined, undefined]);
    assert.equal(await cache.delete(freshKey()), false);
  });

  it("gives back what it was given", async () => {
    for (const value of VALUES) {
      const key = freshKey();
      await cache.set(key, value);
      assert.deepEqual(await cache.get(key), value);
    }
  });

  it("gives back bytes as a Uint8Array", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
    for (const value of [bytes, Buffer.from(bytes), bytes.subarray(3, 5), new Uint8Array(0)]) {
      const key = freshKey();
      await cache.set(key, value);
      assert.deepEqual(await cache.get(key), Uint8Array.from(value));
    }
  });

  it("leaves out members that are undefined, as JSON does", async () => {
    const key = freshKey();
    await cache.set(key, { a: undefined, b: 1 });
    assert.deepEqual(await cache.get(key), { b: 1 });
  });

  it("keeps a value apart from what it was made of, and from those who were given it", async () => {
    const [key, bytesKey] = [freshKey(), freshKey()];
    const value = { list: [1] };
    const bytes = new Uint8Array([1]);
    await cache.setMany([
      [key, value],
      [bytesKey, bytes],
    ]);
    value.list.push(2);
    bytes[0] = 2;
    const first = await cache.get<{ list: number[] }>(key);
    first?.list.push(3);
    (await cache.get<Uint8Array>(bytesKey))?.fill(9);
    assert.deepEqual(await cache.get(key), { list: [1] });
    assert.deepEqual(await cache.get(bytesKey), new Uint8Array([1]));
  });

  it("sets, gets and deletes many", async () => {
    const [a, b, c] = [freshKey(), freshKey(), freshKey()];
    await cache.setMany(
      new Map([
        [a, 1],
        [b, 2],
      ]),
    );
    assert.deepEqual(await cache.getMany([b, c, a, b]), [2, undefined, 1, 2]);
    assert.equal(await cache.deleteMany([a, b, c]), 2);
    assert.deepEqual(await cache.getMany([a, b]), [undefined, undefined]);
    assert.deepEqual(await cache.getMany([]), []);
    assert.equal(await cache.deleteMany([]), 0);
    await cache.setMany([]);
  });

  it("replaces and deletes one", async () => {
    const key = freshKey();
    await cache.set(key, 1);
    await cache.set(key, "two");
    assert.equal(await cache.get(key), "two");
    assert.equal(await cache.delete(key), true);
    assert.equal(await cache.get(key), undefined);
  });

  it("forgets a value after its time", async () => {
    const [key, other] = [freshKey(), freshKey()];
    await cache.set(key, 1, { ttlMs: 30 });
    await cache.set(other, 1, { ttlMs: 60_000 });
    await waitFor("the value to be gone", async () => (await cache.get(key)) === undefined);
    assert.equal(await cache.get(other), 1);
  });

  it("keeps keys apart, however they are written", async () => {
    const base = freshKey();
    const all = ["", ":", "v:", " ", "\n", "\r\n", "\u0000", "é", "e\u0301", "*", "{x}", "%20"].map(
      (end) => base + end,
    );
    await cache.setMany(all.map((key, at) => [key, at]));
    assert.deepEqual(
      await cache.getMany(all),
      all.map((_, at) => at),
    );
  });

  it("takes a key of the longest kind", async () => {
    const key = freshKey().padEnd(MAX_KEY_BYTES, "x");
    await cache.set(key, 1);
    assert.equal(await cache.get(key), 1);
  });
}

function badInputContract(open: OpenForContract): void {
  let cache: Cache;
  before(async () => {
    cache = await open({ maxValueBytes: 1_000 });
  });
  after(() => cache.close());

  it("refuses what is no key", async () => {
    const bad: unknown[] = [
      "",
      "x".repeat(MAX_KEY_BYTES + 1),
      "é".repeat(MAX_KEY_BYTES / 2 + 1),
      "\ud800",
      1,
      null,
      undefined,
      {},
    ];
    for (const key of bad as string[]) {
      const refused = { code: "SLUICE_INVALID_KEY" };
      await assert.rejects(cache.get(key), refused);
      await assert.rejects(cache.getMany(["good", key]), refused);
      await assert.rejects(cache.set(key, 1), refused);
      await assert.rejects(cache.setMany([[key, 1]]), refused);
      await assert.rejects(cache.delete(key), refused);
      await assert.rejects(cache.deleteMany([key]), refused);
      await assert.rejects(
        cache.getOrLoad(key, {}, () => 1),
        refused,
      );
    }
  });

  it("refuses what would be changed, and says where it is", async () => {
    for (const [value, where] of UNCACHEABLE) {
      const key = freshKey();
      await assert.rejects(cache.set(key, value), { code: "SLUICE_UNCACHEABLE", message: where });
      assert.equal(await cache.get(key), undefined);
    }
  });

  it("refuses a circle", async () => {
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    await assert.rejects(cache.set(freshKey(), circle), {
      code: "SLUICE_UNCACHEABLE",
      message: /circle|larger/,
    });
  });

  it("refuses what is too large, and keeps nothing of what came with it", async () => {
    const [good, key] = [freshKey(), freshKey()];
    const tooLarge = { code: "SLUICE_UNCACHEABLE", message: /at most 1000 bytes/ };
    for (const value of ["x".repeat(999), "é".repeat(500), new Uint8Array(1_001), Array(600).fill(0)]) {
      await assert.rejects(
        cache.setMany([
          [good, 1],
          [key, value],
        ]),
        tooLarge,
      );
    }
    assert.deepEqual(await cache.getMany([good, key]), [undefined, undefined]);
    await cache.set(key, "x".repeat(998));
    await cache.set(key, new Uint8Array(1_000));
  });

  it("refuses times that are none", async () => {
    for (const ttlMs of [Number.NaN, 0, -1, Number.POSITIVE_INFINITY, 2 ** 41, "1" as unknown as number]) {
      const refused = { code: "SLUICE_INVALID_OPTION", message: /ttlMs/ };
      await assert.rejects(cache.set(freshKey(), 1, { ttlMs }), refused);
      await assert.rejects(
        cache.getOrLoad(freshKey(), { ttlMs }, () => 1),
        refused,
      );
    }
  });
}

function lifeContract(open: OpenForContract): void {
  it("is open, up, and known by its name", async () => {
    const cache = await open({ name: "sessions", required: false });
    assert.equal(cache.name, "sessions");
    assert.equal(cache.required, false);
    assert.deepEqual(cache.health(), { status: "up" });
    await cache.open();
    await cache.open();
    assert.deepEqual(cache.health(), { status: "up" });
    await cache.close();
  });

  it("takes nothing more once it is closed", async () => {
    const cache = await open();
    await cache.set(freshKey(), 1);
    const closing = cache.close();
    assert.deepEqual(cache.health(), { status: "closed" });
    assert.equal(cache.close(), closing);
    const closed = { code: "SLUICE_POOL_CLOSED" };
    await assert.rejects(cache.get("a"), closed);
    await assert.rejects(cache.getMany(["a"]), closed);
    await assert.rejects(cache.set("a", 1), closed);
    await assert.rejects(cache.delete("a"), closed);
    await assert.rejects(cache.open(), closed);
    await assert.rejects(
      cache.getOrLoad("a", {}, () => 1),
      closed,
    );
    await closing;
  });

  it("waits for loads before it closes", async () => {
    const cache = await open();
    let finish: (value: number) => void = () => {};
    const loading = cache.getOrLoad(
      freshKey(),
      {},
      () => new Promise<number>((resolve) => (finish = resolve)),
    );
    await waitFor("the loader to run", () => cache.stats().loads === 1);
    const closing = cache.close();
    finish(1);
    assert.equal(await inTime("the load", loading), 1);
    await inTime("closing", closing);
  });

  it("cancels loads that take too long for its closing", async () => {
    const cache = await open();
    let signal: AbortSignal | undefined;
    const loading = cache.getOrLoad(freshKey(), {}, (given) => {
      signal = given;
      return new Promise<never>(() => {});
    });
    const refused = assert.rejects(loading, { code: "SLUICE_POOL_CLOSED" });
    await waitFor("the loader to run", () => signal !== undefined);
    await inTime("closing", cache.close({ drainMs: 20 }));
    await refused;
    assert.equal(signal?.aborted, true);
  });
}
