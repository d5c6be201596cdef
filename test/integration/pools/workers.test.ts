import assert from "node:assert/strict";
import { getPriority } from "node:os";
import { describe, it, type TestContext } from "node:test";
import { openWorkers } from "../../../src/pools/workers/open-workers.ts";
import type { Workers, WorkersOptions } from "../../../src/pools/workers/workers.ts";
import { inTime, waitFor } from "../../support/wait-for.ts";

type Functions = typeof import("../../support/worker-functions.ts");

const file = new URL("../../support/worker-functions.ts", import.meta.url);
// A machine that is busy may take its time to start a thread.
const patient = { startTimeoutMs: 60_000, acquireTimeoutMs: 60_000 };

function open(t: TestContext, options: WorkersOptions = {}): Workers<Functions> {
  const workers = openWorkers<Functions>(file, { size: 2, ...patient, ...options });
  t.after(() => workers.close({ drainMs: 0 }));
  return workers;
}

const sharedFlag = (): Int32Array => new Int32Array(new SharedArrayBuffer(8));

describe("workers", () => {
  it("run functions in threads, by name and as if they were here", async (t) => {
    const workers = open(t);
    assert.equal(await workers.run("add", [1, 2]), 3);
    assert.equal(await workers.call.add(3, 4), 7);
    assert.equal(await workers.call.later("awaited"), "awaited");
    assert.notEqual(await workers.call.thread(), 0);
    assert.equal((workers.call as unknown as Promise<unknown>).then, undefined);
  });

  it("start no thread before there is something to do, and no more than size", async (t) => {
    const workers = open(t, { size: 2 });
    assert.equal(workers.stats().size, 0);
    const threads = await Promise.all(Array.from({ length: 40 }, () => workers.call.thread()));
    assert.ok(new Set(threads).size <= 2);
    const stats = workers.stats();
    assert.ok(stats.size <= 2 && stats.connects <= 2, JSON.stringify(stats));
    assert.equal(stats.maxSize, 2);
    assert.equal(stats.queries, 40);
    assert.equal(stats.queryMs.count, 40);
    assert.equal(stats.errors, 0);
    await waitFor("all to be idle", () => workers.stats().busy === 0);
  });

  it("give way to the event loop, which keeps its own priority", async (t) => {
    const own = getPriority();
    // Elsewhere than on Linux a thread has none of its own.
    const onLinux = (priority: number): number => (process.platform === "linux" ? priority : own);
    assert.equal(await open(t).call.priority(), onLinux(Math.min(own + 10, 19)));
    assert.equal(await open(t, { niceness: 19 }).call.priority(), onLinux(19));
    assert.equal(await open(t, { niceness: 0 }).call.priority(), own);
    assert.equal(getPriority(), own);
  });

  it("hand buffers over instead of copying them, both ways", async (t) => {
    const workers = open(t);
    const bytes = new Uint8Array(1_000_000);
    assert.equal(await workers.run("lengthOf", [bytes], { transfer: [bytes.buffer] }), 1_000_000);
    assert.equal(bytes.length, 0);
    const filled = await workers.call.fill(1_000_000);
    assert.equal(filled.length, 1_000_000);
    assert.equal(filled[999_999], 7);
  });

  it("bring errors back as they were thrown", async (t) => {
    const workers = open(t);
    await assert.rejects(workers.call.fail(), (error: Error & Record<string, unknown>) => {
      assert.equal(error.name, "QuotaError");
      assert.equal(error.message, "too much");
      assert.match(error.stack ?? "", /worker-functions/);
      assert.equal(error["code"], "QUOTA");
      assert.deepEqual(error["used"], { bytes: 12n, at: new Date(0) });
      assert.equal(error["neverSent"], undefined);
      assert.ok(error.cause instanceof TypeError);
      assert.equal(error.cause.message, "the cause");
      return true;
    });
    for (const value of ["text", undefined, null, 12]) {
      const thrown = await workers.call.failWith(value).catch((error: unknown) => ({ error }));
      assert.deepEqual(thrown, { error: value });
    }
    assert.equal(workers.stats().errors, 5);
  });

  it("say which function there isn't", async (t) => {
    const workers = openWorkers(file, { size: 1, ...patient });
    t.after(() => workers.close());
    for (const name of ["missing", "notAFunction", "toString", "__proto__", "default"]) {
      await assert.rejects(workers.run(name, []), {
        code: "SLUICE_WORKER_FUNCTION",
        message: new RegExp(name),
      });
    }
    assert.equal(await workers.run("add", [1, 1]), 2);
    assert.equal(workers.stats().connects, 1);
  });

  it("say what can't be sent, and keep the thread", async (t) => {
    const workers = open(t, { size: 1 });
    const before = await workers.call.thread();
    await assert.rejects(
      workers.call.failWith(() => {}),
      { code: "SLUICE_WORKER_VALUE" },
    );
    await assert.rejects(workers.call.functions(), { code: "SLUICE_WORKER_VALUE", message: /functions/ });
    assert.equal(await workers.call.thread(), before);
    await assert.rejects(workers.call.transferFunction(), { code: /SLUICE_WORKER_(VALUE|CRASHED)/ });
    assert.equal(await workers.call.add(1, 1), 2);
  });

  it("say what can't be sent, however sending fails, and keep the thread", async (t) => {
    const workers = open(t, { size: 1 });
    const before = await workers.call.thread();
    const value = { code: "SLUICE_WORKER_VALUE" };
    const deep: unknown = JSON.parse("[".repeat(5_000) + "]".repeat(5_000));
    await assert.rejects(inTime("too deep", workers.call.failWith(deep)), {
      ...value,
      message: /call stack/,
    });
    for (const thrown of [new Error("mine"), "mine", null, undefined]) {
      const throwing = {
        get value(): never {
          throw thrown;
        },
      };
      await assert.rejects(inTime("a getter", workers.call.failWith(throwing)), value);
    }
    for (const item of [{}, null, 5]) {
      const options = { transfer: [item as ArrayBuffer] };
      await assert.rejects(inTime("a wrong item", workers.run("add", [1, 2], options)), value);
    }
    assert.equal(await inTime("a revoked Proxy", workers.call.revoked("throw").catch(String)), "object");
    await assert.rejects(inTime("a revoked Proxy", workers.call.revoked("return")), value);
    assert.equal(await inTime("the thread", workers.call.thread()), before);
    assert.equal(workers.stats().connects, 1);
  });

  it("refuse options that are none, and keep the place", async (t) => {
    const workers = open(t, { size: 1 });
    const before = await workers.call.thread();
    for (const options of [
      { timeoutMs: Number.NaN },
      { transfer: null },
      { transfer: 5 },
      { signal: {} },
      null,
    ])
      await assert.rejects(workers.run("add", [1, 2], options as never), { code: "SLUICE_INVALID_OPTION" });
    assert.equal(await inTime("the thread", workers.call.thread()), before);
  });

  it("say that a file isn't there, or can't be loaded, when opened and when used", async (t) => {
    for (const name of ["no-such-file.ts", "raw-peer.py"]) {
      const missing = openWorkers(new URL(`../../support/${name}`, import.meta.url), { size: 1, ...patient });
      t.after(() => missing.close());
      await assert.rejects(missing.open(), { code: "SLUICE_WORKER_MISSING", message: new RegExp(name) });
      await assert.rejects(missing.run("add", []), { code: "SLUICE_WORKER_MISSING" });
      const health = missing.health();
      assert.equal(health.status, "down");
      for (let call = 0; call < 20; call++)
        await assert.rejects(missing.run("add", []), { code: "SLUICE_WORKER_MISSING" });
      const refused = await missing.run("add", []).catch(String);
      assert.equal(String(refused).split("Check the URL").length, 2, "what to do is said once");
      // It isn't tried again for each of them.
      assert.notEqual(missing.stats().breaker, "closed");
    }
  });

  it("open when they are told to", async (t) => {
    const workers = open(t);
    await workers.open();
    assert.deepEqual(workers.health(), { status: "up" });
    assert.equal(workers.stats().size, 1);
    assert.equal(workers.stats().queries, 0);
  });
});

describe("workers that get stuck", () => {
  it("end the thread of a call that is aborted, and have another in its place", async (t) => {
    const workers = open(t, { size: 1 });
    const flag = sharedFlag();
    const abort = new AbortController();
    const spinning = workers.run("spin", [flag], { signal: abort.signal });
    await waitFor("it to spin", () => Atomics.load(flag, 0) > 0);
    const waiting = workers.call.add(1, 2);
    abort.abort(new Error("enough"));
    await assert.rejects(spinning, { code: "SLUICE_QUERY_CANCELLED", cause: new Error("enough") });
    assert.equal(await waiting, 3);
    // The thread was let go before the next one began.
    const stoppedAt = Atomics.load(flag, 0);
    assert.equal(await workers.call.add(1, 2), 3);
    assert.equal(Atomics.load(flag, 0), stoppedAt);
    assert.equal(workers.stats().size, 1);
  });

  it("end the thread of a call that takes too long", async (t) => {
    const workers = open(t, { size: 1, runTimeoutMs: null });
    const flag = sharedFlag();
    await assert.rejects(workers.run("spin", [flag], { timeoutMs: 50 }), { code: "SLUICE_QUERY_TIMEOUT" });
    assert.equal(await workers.call.add(1, 2), 3);
    const stoppedAt = Atomics.load(flag, 0);
    assert.equal(await workers.call.add(1, 2), 3);
    assert.equal(Atomics.load(flag, 0), stoppedAt);
    assert.equal(workers.stats().timeouts, 1);
  });

  it("run nothing for who has gone before", async (t) => {
    const workers = open(t, { size: 1 });
    const gone = AbortSignal.abort();
    await assert.rejects(workers.run("add", [1, 2], { signal: gone }), { code: "SLUICE_QUERY_CANCELLED" });
    const flag = sharedFlag();
    const holding = workers.call.wait(flag);
    await waitFor("it to hold the thread", () => Atomics.load(flag, 1) === 1);
    const abort = new AbortController();
    const waiting = workers.run("wait", [flag], { signal: abort.signal });
    abort.abort();
    await assert.rejects(waiting, { code: "SLUICE_QUERY_CANCELLED" });
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
    assert.equal(await holding, "went on");
    assert.equal(Atomics.load(flag, 1), 1);
  });

  it("refuse who would wait behind too many, and who has waited for too long", async (t) => {
    const workers = open(t, { size: 1, maxWaiting: 1, acquireTimeoutMs: 100 });
    const flag = sharedFlag();
    const holding = workers.call.wait(flag);
    const waiting = workers.call.add(1, 2);
    await assert.rejects(workers.call.add(1, 2), { code: "SLUICE_POOL_FULL" });
    await assert.rejects(waiting, { code: "SLUICE_POOL_TIMEOUT" });
    assert.equal(workers.stats().refused, 2);
    await waitFor("it to hold the thread", () => Atomics.load(flag, 1) === 1);
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
    assert.equal(await holding, "went on");
  });
});

describe("workers that lose a thread", () => {
  const losses = { crashLater: /nobody catches this/, exit: /code: 3/, devour: /memory/ } as const;
  for (const [name, reason] of Object.entries(losses)) {
    it(`tell the caller alone, and go on: ${name}`, async (t) => {
      const workers = open(t, { size: 2, maxHeapBytes: 48 * 1024 ** 2 });
      const flag = sharedFlag();
      const other = workers.call.wait(flag);
      await waitFor("the other to be at it", () => Atomics.load(flag, 1) === 1);
      await assert.rejects(workers.run(name as keyof typeof losses, []), {
        code: "SLUICE_WORKER_CRASHED",
        message: reason,
      });
      Atomics.store(flag, 0, 1);
      Atomics.notify(flag, 0);
      assert.equal(await other, "went on");
      assert.equal(await workers.call.add(1, 2), 3);
      assert.deepEqual(workers.health(), { status: "up" });
    });
  }

  it("end threads that are idle", async (t) => {
    const workers = open(t, { size: 1, idleTimeoutMs: 10 });
    await workers.call.add(1, 2);
    await waitFor("the thread to be gone", () => workers.stats().size === 0);
    assert.equal(await workers.call.add(1, 2), 3);
    assert.equal(workers.stats().connects, 2);
  });

  it("replace threads that are old", async (t) => {
    const workers = open(t, { size: 1, maxLifetimeMs: 1 });
    const threads = [await workers.call.thread(), await workers.call.thread()];
    assert.equal(new Set(threads).size, 2);
  });
});

describe("workers that are closed", () => {
  it("wait for what runs, and take nothing more", async (t) => {
    const workers = open(t, { size: 1 });
    const flag = sharedFlag();
    const holding = workers.call.wait(flag);
    await waitFor("it to hold the thread", () => Atomics.load(flag, 1) === 1);
    const waiting = workers.call.add(1, 2);
    const closing = workers.close({ drainMs: Number.POSITIVE_INFINITY });
    await assert.rejects(waiting, { code: "SLUICE_POOL_CLOSED" });
    await assert.rejects(workers.call.add(1, 2), { code: "SLUICE_POOL_CLOSED" });
    await assert.rejects(workers.open(), { code: "SLUICE_POOL_CLOSED" });
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
    assert.equal(await holding, "went on");
    await closing;
    assert.equal(workers.close(), closing);
    assert.deepEqual(workers.health(), { status: "closed" });
    assert.equal(workers.stats().size, 0);
  });

  for (const drainMs of [0, 10]) {
    it(`end what still runs at the deadline, after ${drainMs} ms`, async (t) => {
      const workers = open(t, { size: 1 });
      const flag = sharedFlag();
      const spinning = assert.rejects(workers.call.spin(flag), { code: "SLUICE_POOL_CLOSED" });
      await waitFor("it to spin", () => Atomics.load(flag, 0) > 0);
      await inTime("it to close", workers.close({ drainMs }));
      await spinning;
      assert.equal(workers.stats().size, 0);
    });
  }

  it("stay open when they are told in a wrong way how to close, and say so each time", async (t) => {
    const workers = open(t, { size: 1 });
    for (const drainMs of [Number.NaN, -1, "5" as never])
      await assert.rejects(workers.close({ drainMs }), { code: "SLUICE_INVALID_OPTION", message: /drainMs/ });
    assert.deepEqual(workers.health(), { status: "up" });
    await workers.close();
    await assert.rejects(workers.close({ drainMs: -1 }), { code: "SLUICE_INVALID_OPTION" });
  });

  it("close at once where nothing was ever run", async () => {
    const workers = openWorkers(file);
    await workers.close();
    await assert.rejects(workers.run("add", [1, 2]), { code: "SLUICE_POOL_CLOSED" });
  });
});
