import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { LostError } from "../../../../../src/pools/database/servers/connection-errors.ts";
import type { Outcome, Session, SessionCursor } from "../../../../../src/pools/database/servers/session.ts";
import { SessionScripts } from "../../../../../src/pools/database/servers/session-scripts.ts";
import { inTime } from "../../../../support/wait-for.ts";

/** Runs nothing, and notes what it was to do. */
class FakeSession implements Session {
  isBroken = false;
  outcome: Outcome<string> | null = null;
  readonly done: string[] = [];

  run(): void {
    this.done.push("run");
  }

  control(sql: string, outcome: Outcome<string>): void {
    this.done.push(sql);
    this.outcome = outcome;
  }

  ping(): void {}

  openCursor(): SessionCursor {
    throw new Error("no cursors here");
  }

  async interrupt(): Promise<void> {
    this.done.push("interrupt");
  }

  release(): void {}

  destroy(): void {
    this.done.push("destroy");
  }
}

describe("SessionScripts", () => {
  let session: FakeSession;
  let stopping: AbortController;
  let scripts: SessionScripts;
  beforeEach(() => {
    session = new FakeSession();
    stopping = new AbortController();
    scripts = new SessionScripts(session, stopping.signal);
  });

  it("runs one after the other", async () => {
    const script = scripts.script("CREATE a");
    session.outcome?.succeed("");
    await script;
    scripts.end();
    assert.deepEqual(session.done, ["CREATE a"]);
  });

  it("has the server stop what is under way when its signal is aborted, and begins nothing more", async () => {
    const script = scripts.script("CREATE a");
    stopping.abort();
    assert.deepEqual(session.done, ["CREATE a", "interrupt"]);
    session.outcome?.fail(new Error("cancelled"));
    await assert.rejects(script, /cancelled/);
    await assert.rejects(scripts.script("CREATE b"));
    assert.throws(() => scripts.run({ sql: "INSERT", params: [], access: "write", maxRows: 0 }));
    scripts.end();
    assert.deepEqual(session.done, ["CREATE a", "interrupt"]);
  });

  it("gives up a connection whose server doesn't stop", async () => {
    void scripts.script("CREATE a").catch(() => {});
    stopping.abort();
    await assert.rejects(inTime("the end", scripts.stopped), LostError);
    assert.deepEqual(session.done, ["CREATE a", "interrupt", "destroy"]);
    scripts.end();
  });

  it("lets go of its signal at the end", () => {
    scripts.end();
    stopping.abort();
    assert.deepEqual(session.done, []);
  });
});
