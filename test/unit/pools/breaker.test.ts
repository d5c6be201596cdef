import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { channels } from "../../../src/diagnostics/index.ts";
import { SluiceError } from "../../../src/errors/index.ts";
import { Breaker } from "../../../src/pools/breaker.ts";
import { waitFor } from "../../support/wait-for.ts";

const down = new Error("nobody answers");

describe("Breaker", () => {
  const breakers: Breaker[] = [];
  after(() => {
    for (const breaker of breakers) breaker.stop();
  });
  function breakerFor(probe: () => Promise<unknown>, pool = "test"): Breaker {
    const breaker = new Breaker({ pool, probe });
    breakers.push(breaker);
    return breaker;
  }

  it("lets calls through until a few in a row fail", async () => {
    const breaker = breakerFor(() => Promise.reject(down));
    breaker.failed(down);
    breaker.failed(down);
    assert.equal(breaker.state, "closed");
    breaker.failed(down);
    await waitFor("the breaker to open", () => !breaker.closed);
    assert.equal(breaker.reason, "nobody answers");
  });

  it("has a reason that can stand within the sentence that callers are told", async () => {
    const wrapped = new SluiceError(
      "SLUICE_UNREACHABLE",
      { name: "test", reason: "nobody answers" },
      { cause: down },
    );
    let probes = 0;
    const breaker = breakerFor(() => {
      probes += 1;
      return Promise.reject(wrapped);
    });
    for (let call = 0; call < 3; call++) breaker.failed(wrapped);
    assert.equal(breaker.reason, "nobody answers");
    await waitFor("it to have probed", () => probes > 0 && breaker.state === "open");
    assert.equal(breaker.reason, "nobody answers");
  });

  it("begins to count again after a call that got through", async () => {
    const breaker = breakerFor(() => Promise.reject(down));
    for (let round = 0; round < 5; round++) {
      breaker.failed(down);
      breaker.failed(down);
      breaker.succeeded();
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(breaker.state, "closed");
    }
  });

  it("sees by itself when the server is back, one probe at a time, and closes", async () => {
    let isUp = false;
    let probes = 0;
    let atATime = 0;
    const breaker = breakerFor(async () => {
      probes += 1;
      atATime += 1;
      assert.equal(atATime, 1);
      await new Promise((resolve) => setImmediate(resolve));
      atATime -= 1;
      if (!isUp) throw down;
    });
    for (let call = 0; call < 10; call++) breaker.failed(down);
    await waitFor("three probes", () => probes === 3);
    assert.equal(breaker.closed, false);
    isUp = true;
    await waitFor("the breaker to close", () => breaker.closed);
    const failuresBefore = probes;
    breaker.failed(down);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(breaker.state, "closed", "it begins to count again");
    assert.equal(probes, failuresBefore);
  });

  it("is half-open while it probes", async () => {
    let answer: (() => void) | undefined;
    const breaker = breakerFor(
      () =>
        new Promise<void>((resolve) => {
          answer = resolve;
        }),
    );
    for (let call = 0; call < 3; call++) breaker.failed(down);
    await waitFor("a probe", () => answer !== undefined);
    assert.equal(breaker.state, "half-open");
    assert.equal(breaker.closed, false);
    answer?.();
    await waitFor("the breaker to close", () => breaker.closed);
  });

  it("publishes each change, with the reason", async () => {
    const seen: unknown[] = [];
    const listener = (message: unknown): void => {
      if ((message as { pool: string }).pool === "published") seen.push(message);
    };
    channels.poolBreaker.subscribe(listener);
    const breaker = breakerFor(() => Promise.resolve(), "published");
    for (let call = 0; call < 3; call++) breaker.failed(down);
    await waitFor("the breaker to close again", () => seen.length === 3);
    channels.poolBreaker.unsubscribe(listener);
    assert.deepEqual(seen, [
      { pool: "published", state: "open", reason: "nobody answers" },
      { pool: "published", state: "half-open", reason: "nobody answers" },
      { pool: "published", state: "closed", reason: "" },
    ]);
  });

  it("probes no more once it is stopped", async () => {
    let probes = 0;
    const breaker = breakerFor(() => {
      probes += 1;
      return Promise.reject(down);
    });
    for (let call = 0; call < 3; call++) breaker.failed(down);
    await waitFor("a probe", () => probes === 1);
    breaker.stop();
    const other = breakerFor(() => Promise.reject(down));
    let othersChanges = 0;
    const listener = (): void => {
      othersChanges += 1;
    };
    channels.poolBreaker.subscribe(listener);
    for (let call = 0; call < 3; call++) other.failed(down);
    await waitFor("another's probes", () => othersChanges > 6);
    channels.poolBreaker.unsubscribe(listener);
    assert.ok(probes <= 2);
  });
});
