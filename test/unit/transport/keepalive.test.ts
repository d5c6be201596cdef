import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TimerWheel } from "../../../src/internal/timer-wheel.ts";
import { Keepalive, type KeepaliveOwner, type Verdict } from "../../../src/transport/keepalive.ts";
import { connectionOptions, type OptionChanges } from "../../support/fake-connection.ts";

const TICK_MS = 100;

/** A peer that is watched, in a time that goes by only when it is told to. */
class Watched implements KeepaliveOwner {
  readonly engine: { readonly wheel: TimerWheel };
  readonly profile: KeepaliveOwner["profile"];
  readonly verdicts: { readonly verdict: Verdict; readonly at: number }[] = [];
  readonly keepalive: Keepalive;
  isOpen = true;
  isReadingPaused = false;
  #now = 0;

  constructor(options: OptionChanges) {
    this.engine = { wheel: new TimerWheel({ tickMs: TICK_MS, clock: () => this.#now }) };
    this.profile = { options: connectionOptions(options) };
    this.keepalive = new Keepalive(this);
    this.keepalive.start();
  }

  get #wheel(): TimerWheel {
    return this.engine.wheel;
  }

  onVerdict(verdict: Verdict): void {
    this.verdicts.push({ verdict, at: this.#wheel.now });
    if (verdict === "lost" || verdict === "idle" || verdict === "unfinished") this.isOpen = false;
    if (!this.isOpen && verdict !== "closeTimeout") this.keepalive.onClosing();
  }

  /** Bytes have come; within a message or not. */
  hear(isMidMessage = false): void {
    this.keepalive.readAt = this.#wheel.now;
    this.keepalive.noteMessage(isMidMessage);
  }

  /** Lets time go by. @returns what was decided meanwhile */
  pass(ms: number): Verdict[] {
    const before = this.verdicts.length;
    for (let passed = 0; passed < ms; passed += TICK_MS) {
      this.#now += TICK_MS;
      this.#wheel.tick(this.#now);
    }
    return this.verdicts.slice(before).map(({ verdict }) => verdict);
  }

  /** Our own loop is held for so long. */
  stall(ms: number): Verdict[] {
    const before = this.verdicts.length;
    this.#now += ms;
    this.#wheel.tick(this.#now);
    return this.verdicts.slice(before).map(({ verdict }) => verdict);
  }
}

const marks: OptionChanges = {
  messageTimeoutMs: 3_000,
  closeTimeoutMs: 500,
  keepalive: { pingIntervalMs: 2_000, pongTimeoutMs: 1_000, idleTimeoutMs: 10_000 },
};

describe("Keepalive", () => {
  it("asks a silent peer, and gives it up if it doesn't answer", () => {
    const peer = new Watched(marks);
    assert.deepEqual(peer.pass(1_900), []);
    assert.deepEqual(peer.pass(300), ["silent"]);
    assert.deepEqual(peer.pass(700), []);
    assert.deepEqual(peer.pass(500), ["lost"]);
    assert.deepEqual(peer.pass(1_000), ["closeTimeout"]);
  });

  it("takes anything that comes for an answer, also within the tick of the ping", () => {
    const peer = new Watched(marks);
    peer.pass(2_200);
    peer.hear();
    assert.deepEqual(peer.pass(1_500), []);
    assert.deepEqual(peer.pass(1_000), ["silent"]);
  });

  it("asks no peer that talks", () => {
    const peer = new Watched(marks);
    for (let count = 0; count < 30; count++) {
      assert.deepEqual(peer.pass(1_000), []);
      peer.hear();
    }
  });

  it("closes a peer from which nothing comes, where it isn't asked", () => {
    const peer = new Watched({ ...marks, keepalive: { pingIntervalMs: null, idleTimeoutMs: 10_000 } });
    assert.deepEqual(peer.pass(9_900), []);
    assert.deepEqual(peer.pass(300), ["idle"]);
  });

  it("leaves a silent peer alone for ever if it is told to", () => {
    const peer = new Watched({ ...marks, keepalive: { pingIntervalMs: null, idleTimeoutMs: null } });
    assert.deepEqual(peer.pass(500_000), []);
  });

  it("gives a message that has begun its time, which nothing that comes meanwhile extends", () => {
    const peer = new Watched(marks);
    peer.hear(true);
    for (let count = 0; count < 29; count++) {
      assert.deepEqual(peer.pass(100), []);
      peer.hear(true);
    }
    assert.deepEqual(peer.pass(300), ["unfinished"]);
  });

  it("is content when the message ends in time", () => {
    const peer = new Watched(marks);
    for (let count = 0; count < 5; count++) {
      peer.hear(true);
      assert.deepEqual(peer.pass(1_500), []);
      peer.hear();
      assert.deepEqual(peer.pass(1_000), []);
    }
  });

  it("doesn't blame a peer for what it can't say while we don't read", () => {
    const peer = new Watched(marks);
    peer.hear(true);
    peer.isReadingPaused = true;
    assert.deepEqual(
      peer.pass(30_000).filter((verdict) => verdict !== "silent"),
      [],
    );
    peer.isReadingPaused = false;
    peer.keepalive.noteResumed();
    assert.deepEqual(peer.pass(1_500), [], "its time begins anew");
    peer.hear();
    assert.deepEqual(peer.pass(1_500), []);
  });

  it("doesn't blame a peer for a stall of our own", () => {
    const peer = new Watched(marks);
    peer.hear(true);
    assert.deepEqual(peer.stall(60_000), []);
    peer.hear();
    assert.deepEqual(peer.pass(1_000), []);
  });

  it("lets a connection that closes have its time, and no more", () => {
    const peer = new Watched(marks);
    peer.isOpen = false;
    peer.keepalive.onClosing();
    assert.deepEqual(peer.pass(400), []);
    assert.deepEqual(peer.pass(300), ["closeTimeout"]);
  });

  it("watches no more once it is stopped", () => {
    const peer = new Watched(marks);
    peer.keepalive.stop();
    assert.equal(peer.engine.wheel.size, 0);
    assert.deepEqual(peer.pass(60_000), []);
  });
});
