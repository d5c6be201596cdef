import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { RingQueue } from "../../../src/internal/ring-queue.ts";

describe("RingQueue", () => {
  it("gives items back in the order in which they came", () => {
    const queue = new RingQueue<number>();
    for (let item = 0; item < 1000; item++) queue.push(item);
    assert.equal(queue.size, 1000);
    for (let item = 0; item < 1000; item++) assert.equal(queue.shift(), item);
    assert.equal(queue.size, 0);
  });

  it("has nothing to give when it is empty", () => {
    const queue = new RingQueue<number>();
    assert.equal(queue.shift(), undefined);
    assert.equal(queue.peek(), undefined);
    queue.push(1);
    queue.shift();
    assert.equal(queue.shift(), undefined);
    assert.equal(queue.size, 0);
  });

  it("shows the first item without taking it", () => {
    const queue = new RingQueue<string>();
    queue.push("first");
    queue.push("second");
    assert.equal(queue.peek(), "first");
    assert.equal(queue.size, 2);
  });

  it("forgets everything when cleared, and can be used again", () => {
    const queue = new RingQueue<number>();
    for (let item = 0; item < 20; item++) queue.push(item);
    queue.clear();
    assert.equal(queue.size, 0);
    assert.equal(queue.shift(), undefined);
    queue.push(7);
    assert.equal(queue.shift(), 7);
  });

  it("does what an array does, whatever the order of the calls", () => {
    const step = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ kind: fc.constant("push" as const), count: fc.integer({ min: 1, max: 100 }) }),
      },
      {
        weight: 5,
        arbitrary: fc.record({
          kind: fc.constant("shift" as const),
          count: fc.integer({ min: 1, max: 100 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("clear" as const), count: fc.constant(1) }) },
    );
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const queue = new RingQueue<number>();
        const model: number[] = [];
        let next = 0;
        for (const { kind, count } of steps) {
          for (let turn = 0; turn < count; turn++) {
            if (kind === "push") {
              queue.push(next);
              model.push(next++);
            } else if (kind === "shift") {
              assert.equal(queue.shift(), model.shift());
            } else {
              queue.clear();
              model.length = 0;
            }
            assert.equal(queue.size, model.length);
            assert.equal(queue.peek(), model[0]);
          }
        }
      }),
    );
  });
});
