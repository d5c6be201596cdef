import assert from "node:assert/strict";
import { once } from "node:events";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Deadline, TimerWheel } from "../../../src/internal/timer-wheel.ts";

/** Runs a function at its deadline. */
class Call extends Deadline {
  readonly #run: (now: number) => void;

  constructor(run: (now: number) => void) {
    super();
    this.#run = run;
  }

  onDeadline(now: number): void {
    this.#run(now);
  }
}

/** A wheel of ticks of 100 ms and eight slots, with a clock that only the test moves. */
class Rig {
  realNow = 1000;
  readonly wheel: TimerWheel = new TimerWheel({ tickMs: 100, slots: 8, clock: () => this.realNow });
  readonly fired: [name: string, now: number][] = [];

  call(name: string): Call {
    return new Call((now) => void this.fired.push([name, now]));
  }

  /** Lets time pass, with one tick at its end. */
  pass(ms: number): void {
    this.realNow += ms;
    this.wheel.tick(this.realNow);
  }

  /** Lets time pass, with a tick every 100 ms. */
  run(ms: number): void {
    for (let passed = 0; passed < ms; passed += 100) this.pass(100);
  }
}

describe("TimerWheel: deadlines", () => {
  it("calls an entry once, at the first tick after its delay", () => {
    const rig = new Rig();
    rig.wheel.schedule(rig.call("a"), 250);
    rig.run(1000);
    assert.deepEqual(rig.fired, [["a", 300]]);
    assert.equal(rig.wheel.size, 0);
  });

  it("counts the delay from the moment of scheduling, not from the last tick", () => {
    const rig = new Rig();
    rig.wheel.schedule(rig.call("other"), 5000);
    rig.pass(100);
    rig.realNow += 99;
    rig.wheel.schedule(rig.call("a"), 100);
    rig.pass(1);
    assert.deepEqual(rig.fired, []);
    rig.pass(100);
    assert.deepEqual(rig.fired, [["a", 300]]);
  });

  it("keeps what is further than a round in its slot until its own round", () => {
    const rig = new Rig();
    rig.wheel.schedule(rig.call("later"), 100 + 3 * 800);
    rig.wheel.schedule(rig.call("now"), 100);
    rig.run(2400);
    assert.deepEqual(rig.fired, [["now", 100]]);
    rig.run(100);
    assert.deepEqual(rig.fired, [
      ["now", 100],
      ["later", 2500],
    ]);
  });

  it("calls an entry without a delay, or with a senseless one, at the next tick", () => {
    const rig = new Rig();
    for (const delayMs of [0, -5, Number.NaN]) rig.wheel.schedule(rig.call(String(delayMs)), delayMs);
    rig.pass(100);
    assert.deepEqual(
      rig.fired.map(([name]) => name),
      ["0", "-5", "NaN"],
    );
  });

  it("takes a delay that never ends", () => {
    const rig = new Rig();
    const entry = rig.call("never");
    rig.wheel.schedule(entry, Number.POSITIVE_INFINITY);
    rig.run(2000);
    assert.deepEqual(rig.fired, []);
    rig.wheel.cancel(entry);
    assert.equal(rig.wheel.size, 0);
  });

  it("moves an entry that is scheduled again", () => {
    const rig = new Rig();
    const entry = rig.call("a");
    rig.wheel.schedule(entry, 100);
    rig.wheel.schedule(entry, 500);
    assert.equal(rig.wheel.size, 1);
    rig.run(1000);
    assert.deepEqual(rig.fired, [["a", 500]]);
  });

  it("does not call what was cancelled, and does not mind cancelling twice", () => {
    const rig = new Rig();
    const entry = rig.call("a");
    rig.wheel.cancel(entry);
    rig.wheel.schedule(entry, 100);
    rig.wheel.cancel(entry);
    rig.wheel.cancel(entry);
    assert.equal(rig.wheel.size, 0);
    rig.run(1000);
    assert.deepEqual(rig.fired, []);
  });

  it("refuses a shape that it cannot turn", () => {
    for (const slots of [0, 2, 3, 100]) assert.throws(() => new TimerWheel({ slots }), RangeError);
    for (const tickMs of [0, 0.5, -1, Number.NaN])
      assert.throws(() => new TimerWheel({ tickMs }), RangeError);
  });
});

describe("TimerWheel: from inside onDeadline", () => {
  it("lets an entry schedule itself again", () => {
    const rig = new Rig();
    const times: number[] = [];
    const entry: Call = new Call((now) => {
      times.push(now);
      if (times.length < 3) rig.wheel.schedule(entry, 200);
    });
    rig.wheel.schedule(entry, 200);
    rig.run(2000);
    assert.deepEqual(times, [200, 400, 600]);
  });

  it("does not call an entry again in the same tick, even without a delay", () => {
    const rig = new Rig();
    let calls = 0;
    const entry: Call = new Call(() => {
      calls += 1;
      rig.wheel.schedule(entry, 0);
    });
    rig.wheel.schedule(entry, 0);
    rig.pass(100);
    assert.equal(calls, 1);
    rig.pass(100);
    assert.equal(calls, 2);
  });

  it("lets an entry cancel or move others that are due in the same tick", () => {
    const rig = new Rig();
    const cancelled = rig.call("cancelled");
    const moved = rig.call("moved");
    rig.wheel.schedule(
      new Call(() => {
        rig.wheel.cancel(cancelled);
        rig.wheel.schedule(moved, 300);
      }),
      100,
    );
    rig.wheel.schedule(cancelled, 100);
    rig.wheel.schedule(moved, 100);
    rig.run(1000);
    assert.deepEqual(rig.fired, [["moved", 400]]);
    assert.equal(rig.wheel.size, 0);
  });

  it("loses no other entry to one that throws", () => {
    const rig = new Rig();
    rig.wheel.schedule(
      new Call(() => {
        throw new Error("mine");
      }),
      100,
    );
    rig.wheel.schedule(rig.call("other"), 100);
    assert.throws(() => rig.pass(100), /mine/);
    rig.pass(100);
    assert.deepEqual(rig.fired, [["other", 200]]);
    assert.equal(rig.wheel.size, 0);
  });
});

describe("TimerWheel: virtual time", () => {
  it("extends every deadline by a stall, and counts it", () => {
    const rig = new Rig();
    rig.wheel.schedule(rig.call("a"), 1000);
    rig.pass(100);
    rig.pass(5000);
    assert.equal(rig.wheel.now, 300);
    assert.equal(rig.wheel.stalledMs, 4800);
    rig.run(600);
    assert.deepEqual(rig.fired, []);
    rig.run(100);
    assert.deepEqual(rig.fired, [["a", 1000]]);
  });

  it("takes ticks that are a little late for what they are", () => {
    const rig = new Rig();
    rig.wheel.schedule(rig.call("a"), 10_000);
    for (let tick = 0; tick < 10; tick++) rig.pass(170);
    assert.equal(rig.wheel.now, 1700);
    assert.equal(rig.wheel.stalledMs, 0);
  });

  it("does not count a stall twice for what is scheduled in the middle of it", () => {
    const rig = new Rig();
    rig.wheel.schedule(rig.call("first"), 1000);
    rig.realNow += 5000;
    rig.wheel.schedule(rig.call("second"), 1000);
    rig.pass(0);
    rig.run(900);
    assert.deepEqual(rig.fired, [["first", 1000]]);
    rig.run(100);
    assert.deepEqual(rig.fired, [
      ["first", 1000],
      ["second", 1200],
    ]);
  });

  it("lets the time pass in full while nothing is scheduled, and calls that no stall", () => {
    const rig = new Rig();
    rig.realNow += 60_000;
    rig.wheel.schedule(rig.call("a"), 100);
    assert.equal(rig.wheel.now, 60_000);
    rig.run(100);
    rig.pass(60_000);
    assert.deepEqual(rig.fired, [["a", 60_100]]);
    assert.equal(rig.wheel.now, 120_100);
    assert.equal(rig.wheel.stalledMs, 0);
  });

  it("stands still while the clock goes back", () => {
    const rig = new Rig();
    rig.wheel.schedule(rig.call("a"), 300);
    rig.pass(100);
    rig.pass(-1000);
    assert.equal(rig.wheel.now, 100);
    rig.pass(1100);
    assert.equal(rig.wheel.now, 200);
    assert.equal(rig.wheel.stalledMs, 0);
  });
});

/** What the wheel should do, the slow way. */
class Model {
  now = 0;
  realNow = 0;
  idle = true;
  readonly due: Map<number, { at: number; notBefore: number }> = new Map();

  schedule(id: number, delayMs: number, realNow: number): void {
    if (this.idle) {
      this.now += realNow - this.realNow;
      this.realNow = realNow;
      this.idle = false;
    }
    const at = this.now + Math.min(realNow - this.realNow, 200) + delayMs;
    this.due.set(id, { at, notBefore: Math.floor(this.now / 100) + 1 });
  }

  tick(realNow: number): number[] {
    const elapsed = realNow - this.realNow;
    this.now += this.idle ? elapsed : Math.min(elapsed, 200);
    this.realNow = realNow;
    const tickIndex = Math.floor(this.now / 100);
    const fired = [...this.due].filter(
      ([, { at, notBefore }]) => at <= tickIndex * 100 && notBefore <= tickIndex,
    );
    for (const [id] of fired) this.due.delete(id);
    this.idle = this.due.size === 0;
    return fired.map(([id]) => id);
  }
}

type Step =
  | { kind: "schedule"; id: number; delayMs: number }
  | { kind: "cancel"; id: number }
  | { kind: "wait"; ms: number }
  | { kind: "tick"; ms: number };

const id = fc.nat({ max: 9 });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("schedule" as const), id, delayMs: fc.nat({ max: 5000 }) }),
  fc.record({ kind: fc.constant("cancel" as const), id }),
  fc.record({ kind: fc.constant("wait" as const), ms: fc.nat({ max: 300 }) }),
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("tick" as const), ms: fc.nat({ max: 120 }) }) },
  fc.record({ kind: fc.constant("tick" as const), ms: fc.nat({ max: 20_000 }) }),
);

/** Runs the same steps on the wheel and on the model; throws where they differ. */
function compare(steps: readonly Step[]): void {
  let realNow = 0;
  let fired: number[] = [];
  const wheel = new TimerWheel({ tickMs: 100, slots: 8, clock: () => realNow });
  const model = new Model();
  const entries = Array.from({ length: 10 }, (_, entryId) => new Call(() => void fired.push(entryId)));
  for (const step of steps) {
    if (step.kind === "schedule") {
      wheel.schedule(entries[step.id] as Call, step.delayMs);
      model.schedule(step.id, step.delayMs, realNow);
    } else if (step.kind === "cancel") {
      wheel.cancel(entries[step.id] as Call);
      model.due.delete(step.id);
    } else {
      realNow += step.ms;
      if (step.kind === "wait") continue;
      fired = [];
      wheel.tick(realNow);
      assert.deepEqual(fired.sort(), model.tick(realNow).sort());
    }
    assert.equal(wheel.now, model.now);
    assert.equal(wheel.size, model.due.size);
  }
}

describe("TimerWheel: against a model", () => {
  it("calls the same entries in the same ticks, whatever happens", () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 200 }), (steps) => compare(steps)),
      { numRuns: 500 },
    );
  });
});

/** Both ends of a connection over loopback. */
async function connectedPair(): Promise<{ server: Server; near: Socket; far: Socket }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const near = createConnection(address.port, "127.0.0.1");
  const [[far]] = (await Promise.all([once(server, "connection"), once(near, "connect")])) as [
    [Socket],
    unknown,
  ];
  return { server, near, far };
}

function holdTheLoop(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe("TimerWheel: on the event loop", () => {
  it("ticks by itself once started, and rests when nothing is scheduled", async () => {
    const wheel = new TimerWheel({ tickMs: 5 });
    wheel.start();
    for (let round = 0; round < 3; round++) {
      // The wheel doesn't keep the process, so that the test has to.
      const keepAlive = setInterval(() => {}, 1000);
      await new Promise<void>((resolve) => wheel.schedule(new Call(() => resolve()), 10));
      clearInterval(keepAlive);
      assert.equal(wheel.size, 0);
    }
  });

  it("starts with what was scheduled before, and calls nothing once stopped", async () => {
    const wheel = new TimerWheel({ tickMs: 5 });
    let stopped = false;
    const keepAlive = setInterval(() => {}, 1000);
    await new Promise<void>((resolve) => {
      wheel.schedule(new Call(() => resolve()), 0);
      wheel.start();
    });
    wheel.schedule(new Call(() => assert.equal(stopped, false)), 10);
    wheel.stop();
    stopped = true;
    await new Promise<void>((resolve) => {
      const other = new TimerWheel({ tickMs: 5 });
      other.start();
      other.schedule(new Call(() => resolve()), 30);
    });
    clearInterval(keepAlive);
    assert.equal(wheel.size, 1);
  });

  it("reads what had arrived during a stall before it lets anything expire", async (test) => {
    const { server, near, far } = await connectedPair();
    test.after(() => {
      near.destroy();
      far.destroy();
      server.close();
    });
    const wheel = new TimerWheel({ tickMs: 20 });
    test.after(() => wheel.stop());
    wheel.start();
    let outcome = "nothing";
    // Due within the two ticks by which a stall moves the time.
    wheel.schedule(new Call(() => (outcome = "expired")), 10);
    near.write("I am alive");
    holdTheLoop(200);
    await once(far, "data");
    assert.equal(outcome, "nothing");
  });
});
