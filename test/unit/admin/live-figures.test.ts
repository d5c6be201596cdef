import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type FeedClock,
  type FigureCounters,
  type Figures,
  LiveFigures,
} from "../../../src/admin/live-figures.ts";

class ManualClock implements FeedClock {
  ms = 0;
  tick: (() => void) | undefined;

  now(): number {
    return this.ms;
  }

  every(_intervalMs: number, tick: () => void): () => void {
    this.tick = tick;
    return () => {
      this.tick = undefined;
    };
  }

  advance(ms: number): void {
    this.ms += ms;
    this.tick?.();
  }
}

class Recorder {
  readonly got: Figures[] = [];

  send(message: string): void {
    this.got.push(JSON.parse(message) as Figures);
  }
}

function setUp(): { clock: ManualClock; figures: LiveFigures; set(counters: Partial<FigureCounters>): void } {
  let counters: FigureCounters = { connections: 0, messagesIn: 0, messagesOut: 0 };
  const clock = new ManualClock();
  const figures = new LiveFigures(() => counters, clock);
  return {
    clock,
    figures,
    set: (change) => {
      counters = { ...counters, ...change };
    },
  };
}

describe("LiveFigures", () => {
  it("sends figures at once, then with each tick of its timer", () => {
    const { clock, figures, set } = setUp();
    const watcher = new Recorder();
    clock.ms = 500;
    set({ connections: 5, messagesIn: 100, messagesOut: 900 });
    figures.add(watcher);
    assert.equal(watcher.got.length, 1);
    assert.deepEqual(watcher.got[0], {
      connections: 4,
      messagesIn: 100,
      messagesOut: 900,
      messagesInPerSecond: 0,
      messagesOutPerSecond: 0,
      uptimeMs: 500,
    });
    clock.advance(1000);
    clock.advance(1000);
    assert.equal(watcher.got.length, 3);
  });

  it("makes rates of what was counted and the time that has really passed", () => {
    const { clock, figures, set } = setUp();
    const watcher = new Recorder();
    figures.add(watcher);
    set({ messagesIn: 3000, messagesOut: 6001 });
    clock.advance(1500);
    // One message out was the feed's own.
    assert.equal(watcher.got[1]?.messagesInPerSecond, 2000);
    assert.equal(watcher.got[1]?.messagesOutPerSecond, 4000);
  });

  it("leaves out its own watchers and messages", () => {
    const { clock, figures, set } = setUp();
    const watchers = [new Recorder(), new Recorder()];
    set({ connections: 2 });
    for (const watcher of watchers) figures.add(watcher);
    for (let sent = 2; sent <= 8; sent += 2) {
      set({ messagesOut: sent });
      clock.advance(1000);
    }
    for (const { got } of watchers) {
      assert.equal(got.at(-1)?.connections, 0);
      assert.equal(got.at(-1)?.messagesOut, 0);
      assert.equal(got.at(-1)?.messagesOutPerSecond, 0);
    }
  });

  it("has a timer only while somebody watches", () => {
    const { clock, figures } = setUp();
    const [first, second] = [new Recorder(), new Recorder()];
    assert.equal(clock.tick, undefined);
    figures.add(first);
    figures.add(second);
    figures.remove(first);
    assert.notEqual(clock.tick, undefined);
    assert.equal(figures.watchers, 1);
    figures.remove(second);
    assert.equal(clock.tick, undefined);
    figures.remove(second);
    figures.add(first);
    assert.notEqual(clock.tick, undefined);
    assert.equal(first.got.length, 2);
  });

  it("doesn't count what happened while nobody watched as the rate of a second", () => {
    const { clock, figures, set } = setUp();
    const watcher = new Recorder();
    figures.add(watcher);
    figures.remove(watcher);
    set({ messagesIn: 1_000_000 });
    clock.ms += 60_000;
    figures.add(watcher);
    assert.equal(watcher.got.at(-1)?.messagesInPerSecond, 0);
    clock.advance(1000);
    assert.equal(watcher.got.at(-1)?.messagesInPerSecond, 0);
  });

  it("ticks by the process's timers, once a second, without holding the process", (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    const figures = new LiveFigures(() => ({ connections: 1, messagesIn: 0, messagesOut: 0 }));
    const watcher = new Recorder();
    figures.add(watcher);
    t.mock.timers.tick(999);
    assert.equal(watcher.got.length, 1);
    t.mock.timers.tick(1);
    assert.equal(watcher.got.length, 2);
    figures.remove(watcher);
    t.mock.timers.tick(5000);
    assert.equal(watcher.got.length, 2);
  });
});
