import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { Value } from "../../../../../src/pools/database/database.ts";
import type { Statement } from "../../../../../src/pools/database/driver.ts";
import type { Outcome, Session, SessionCursor } from "../../../../../src/pools/database/servers/session.ts";
import { SessionStream } from "../../../../../src/pools/database/servers/session-stream.ts";

const STATEMENT: Statement = { sql: "SELECT 1", params: [], access: "read", maxRows: 10 };

/** Gives what a test puts into it, and notes what is done to it. */
class FakeSession implements Session, SessionCursor {
  isBroken = false;
  isEnded = false;
  failure: Error | null = null;
  batches: Record<string, Value>[][] = [];
  readonly done: string[] = [];

  run(): void {}

  control(): void {}

  ping(outcome: Outcome<void>): void {
    this.done.push("ping");
    outcome.succeed();
  }

  openCursor(): SessionCursor {
    if (this.failure !== null) throw this.failure;
    return this;
  }

  async next(): Promise<Record<string, Value>[]> {
    return this.batches.shift() ?? [];
  }

  async close(): Promise<void> {
    this.done.push("close");
    this.isEnded = true;
  }

  async interrupt(): Promise<void> {}

  release(): void {
    this.done.push("release");
  }

  destroy(): void {
    this.done.push("destroy");
  }
}

describe("rows on a session", () => {
  let session: FakeSession;
  let stream: SessionStream;
  beforeEach(() => {
    session = new FakeSession();
    stream = new SessionStream(STATEMENT, 10, false);
  });

  it("give their session back at the end", async () => {
    session.batches = [[{ one: 1 }]];
    stream.take(session);
    assert.deepEqual(await stream.next(), [{ one: 1 }]);
    session.isEnded = true;
    assert.deepEqual(await stream.next(), []);
    assert.deepEqual(session.done, ["release"]);
    await stream.close();
    assert.deepEqual(session.done, ["release"]);
  });

  it("keep their session while it is at work on the rest, though there are no rows just now", async () => {
    stream.take(session);
    assert.deepEqual(await stream.next(), []);
    assert.deepEqual(session.done, []);
    await stream.close();
    assert.deepEqual(session.done, ["close", "ping", "release"]);
  });

  it("fail, and give their session back, where they can't begin", async () => {
    session.failure = new Error("not to be encoded");
    stream.take(session);
    await assert.rejects(stream.next(), session.failure);
    assert.deepEqual(session.done, ["release"]);
    await stream.close();
    assert.deepEqual(session.done, ["release"]);
  });
});
