import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PeerRate } from "../../../src/transport/peer-rate.ts";
import { connectionOptions } from "../../support/fake-connection.ts";

describe("PeerRate", () => {
  it("is none where there is no limit", () => {
    assert.equal(PeerRate.of(connectionOptions()), null);
  });

  it("lets as many messages through at once as a second may bring", () => {
    const rate = PeerRate.of(connectionOptions({ maxMessagesPerSecond: 3 }));
    const taken = Array.from({ length: 5 }, () => rate?.takesMessage());
    assert.deepEqual(taken.slice(0, 4), [true, true, true, false]);
    assert.equal(rate?.takesBytes(2 ** 30), true, "bytes aren't limited");
  });

  it("lets as many bytes through at once as a second may bring, and one read in any case", () => {
    const rate = PeerRate.of(connectionOptions({ maxBytesPerSecond: 100_000 }));
    assert.equal(rate?.takesBytes(100_000), true);
    assert.equal(rate?.takesBytes(100_000), false);
    assert.equal(rate?.takesMessage(), true, "messages aren't limited");
    const small = PeerRate.of(connectionOptions({ maxBytesPerSecond: 10 }));
    assert.equal(small?.takesBytes(65_536), true);
    assert.equal(small?.takesBytes(10_000), false);
  });

  it("lets more through with time", (t) => {
    let now = 1_000;
    t.mock.method(performance, "now", () => now);
    const rate = PeerRate.of(connectionOptions({ maxMessagesPerSecond: 2 }));
    assert.deepEqual([rate?.takesMessage(), rate?.takesMessage(), rate?.takesMessage()], [true, true, false]);
    now += 500;
    assert.deepEqual([rate?.takesMessage(), rate?.takesMessage()], [true, false]);
  });
});
