import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BetweenProcesses } from "../../../../../src/pools/database/sqlite/between-processes.ts";
import { TemporaryFolder } from "../../../../support/temporary-folder.ts";

describe("BetweenProcesses", () => {
  it("gives a lock to one at a time, by its name", (t) => {
    const folder = new TemporaryFolder();
    const path = `${folder.path}/a.db`;
    const [one, other] = [new BetweenProcesses(path), new BetweenProcesses(path)];
    t.after(() => {
      one.close();
      other.close();
      folder.remove();
    });
    assert.equal(one.tryLock("a/b"), true);
    assert.equal(one.tryLock("a/b"), false);
    assert.equal(other.tryLock("a/b"), false);
    assert.equal(other.tryLock("c"), true);
    one.unlock("a/b");
    one.unlock("unknown");
    assert.equal(other.tryLock("a/b"), true);
    other.close();
    assert.equal(one.tryLock("c"), true);
  });

  it("says what is wrong where there can be no lock", () => {
    assert.throws(() => new BetweenProcesses("/nowhere/a.db").tryLock("a"), { errcode: 14 });
  });
});
