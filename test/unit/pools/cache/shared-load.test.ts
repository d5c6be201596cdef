import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeValue } from "../../../../src/pools/cache/cache-value.ts";
import type { Entry } from "../../../../src/pools/cache/entry.ts";
import { loadShared, type SharedLoad } from "../../../../src/pools/cache/shared-load.ts";
import type { Claim, SharedLoads } from "../../../../src/pools/cache/shared-loads.ts";
import { inTime, turns, waitFor } from "../../../support/wait-for.ts";

const entry = (value: unknown): Entry => ({ value: encodeValue(value, 100), softAt: 1, hardAt: 2 });
const OURS: Claim = { kind: "ours" };
const THEIRS: Claim = { kind: "theirs", expiresInMs: 60_000 };

// Answers claims with what the test has in store, the last one again and again.
class FakeShared implements SharedLoads {
  claimMs = 60_000;
  readonly did: string[] = [];
  readonly claims: (Claim | Error)[];
  readonly tokens = new Set<string>();
  readonly seen: (Entry | undefined)[] = [];
  live = true;
  tell: () => void = () => {};

  constructor(...claims: (Claim | Error)[]) {
    this.claims = claims;
  }

  async claim(_key: string, token: string, seen: Entry | undefined): Promise<Claim> {
    this.did.push("claim");
    this.tokens.add(token);
    this.seen.push(seen);
    const [claim = OURS] = this.claims;
    if (this.claims.length > 1) this.claims.shift();
    if (claim instanceof Error) throw claim;
    return claim;
  }

  async renew(): Promise<boolean> {
    this.did.push("renew");
    throw new Error("nobody hears of it");
  }

  async store(): Promise<boolean> {
    this.did.push("store");
    throw new Error("nobody hears of it");
  }

  async release(): Promise<void> {
    this.did.push("release");
    throw new Error("nobody hears of it");
  }

  watch(): ReturnType<SharedLoads["watch"]> {
    this.did.push("watch");
    return {
      live: this.live,
      next: (_withinMs, signal) =>
        new Promise((resolve) => {
          this.tell = resolve;
          signal.addEventListener("abort", () => resolve());
        }),
      stop: () => this.did.push("stop"),
    };
  }
}

interface Task extends SharedLoad {
  readonly took: Entry[];
  readonly keeps: boolean[];
}

function task(shared: SharedLoads, given: Partial<SharedLoad> = {}): Task {
  const took: Entry[] = [];
  const keeps: boolean[] = [];
  return {
    key: "key",
    shared,
    signal: new AbortController().signal,
    waits: true,
    take: (one) => took.push(one) > 0,
    load: async (canKeep) => {
      keeps.push(canKeep);
      return entry("loaded");
    },
    mayKeep: () => true,
    took,
    keeps,
    ...given,
  };
}

describe("loadShared", () => {
  it("loads and stores what is its own to load", async () => {
    const shared = new FakeShared(OURS);
    const own = task(shared);
    await loadShared(own, undefined);
    assert.deepEqual(shared.did, ["claim", "store"]);
    assert.deepEqual(own.keeps, [true]);
  });

  it("takes what somebody has loaded meanwhile", async () => {
    const found = entry("found");
    const other = task(new FakeShared({ kind: "found", entry: found }));
    await loadShared(other, undefined);
    assert.deepEqual(other.took, [found]);
    assert.deepEqual(other.keeps, []);
  });

  it("asks again, by the same token, if what was found isn't good enough", async () => {
    const [seen, found] = [entry("seen"), entry("found")];
    const shared = new FakeShared({ kind: "found", entry: found }, OURS);
    const own = task(shared, { take: () => false });
    await loadShared(own, seen);
    assert.deepEqual(shared.seen, [seen, found]);
    assert.equal(shared.tokens.size, 1);
    assert.deepEqual(own.keeps, [true]);
  });

  it("waits for somebody else's, and stops watching", async () => {
    const shared = new FakeShared(THEIRS, THEIRS, { kind: "found", entry: entry("theirs") });
    const waiting = task(shared);
    const done = loadShared(waiting, undefined);
    await waitFor("it to watch", () => shared.did.includes("watch"));
    shared.tell();
    await turns(1);
    shared.tell();
    await inTime("the value", done);
    assert.equal(waiting.took.length, 1);
    assert.deepEqual(shared.did, ["claim", "watch", "claim", "claim", "stop"]);
  });

  it("doesn't wait if it isn't to", async () => {
    const shared = new FakeShared(THEIRS);
    await loadShared(task(shared, { waits: false }), undefined);
    assert.deepEqual(shared.did, ["claim"]);
  });

  it("loads by itself, and keeps nothing, if it can't ask", async () => {
    const shared = new FakeShared(THEIRS, new Error("down"));
    const alone = task(shared);
    const done = loadShared(alone, undefined);
    await waitFor("it to watch", () => shared.did.includes("watch"));
    shared.tell();
    await inTime("the load", done);
    assert.deepEqual(alone.keeps, [false]);
    assert.deepEqual(shared.did, ["claim", "watch", "claim", "stop"]);
  });

  it("releases what it could not load, and throws", async () => {
    const shared = new FakeShared(OURS);
    const failing = task(shared, { load: () => Promise.reject(new Error("no")) });
    await assert.rejects(loadShared(failing, undefined), /no/);
    assert.deepEqual(shared.did, ["claim", "release"]);
  });

  it("releases what isn't to be kept", async () => {
    const ways: Partial<SharedLoad>[] = [{ load: async () => undefined }, { mayKeep: () => false }];
    for (const given of ways) {
      const shared: FakeShared = new FakeShared(OURS);
      await loadShared(task(shared, given), undefined);
      assert.deepEqual(shared.did, ["claim", "release"]);
    }
  });

  it("renews its claim while the loader runs", async () => {
    const shared = new FakeShared(OURS);
    shared.claimMs = 6;
    let finish: (loaded: Entry) => void = () => {};
    const done = loadShared(
      task(shared, { load: () => new Promise((resolve) => (finish = resolve)) }),
      undefined,
    );
    await waitFor("it to be renewed", () => shared.did.filter((what) => what === "renew").length > 2);
    finish(entry("loaded"));
    await done;
    const { length } = shared.did;
    await turns(5);
    assert.equal(shared.did.length, length);
  });

  it("gives up once nobody waits: its claim, its waiting, its asking", async () => {
    const leave = new AbortController();
    const { signal } = leave;
    const ours = new FakeShared(OURS);
    const theirs = new FakeShared(THEIRS);
    const both = [
      loadShared(task(ours, { signal, load: () => new Promise(() => {}) }), undefined),
      loadShared(task(theirs, { signal }), undefined),
    ];
    await waitFor("one to wait", () => theirs.did.includes("watch"));
    leave.abort();
    await inTime("both", Promise.all(both));
    assert.deepEqual(ours.did, ["claim", "release"]);
    assert.deepEqual(theirs.did, ["claim", "watch", "stop"]);
    const late = new FakeShared(OURS);
    await loadShared(task(late, { signal }), undefined);
    assert.deepEqual(late.did, []);
  });
});
