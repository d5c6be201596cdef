import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ResourceSet } from "../../../src/server/resource-set.ts";
import { FakeResource } from "../../support/fake-resource.ts";

const broken =
  (message: string): (() => Promise<void>) =>
  () =>
    Promise.reject(new Error(message));
const soon = (ms = 1_000): number => performance.now() + ms;

describe("the resources of a server", () => {
  it("are opened all at once, and closed one by one, the last first", async () => {
    const journal: string[] = [];
    const [one, two] = [new FakeResource("one", { journal }), new FakeResource("two", { journal })];
    const set = new ResourceSet([one, two, one], assert.ifError);
    assert.deepEqual(set.all, [one, two]);
    await set.open();
    await set.open();
    assert.deepEqual(journal, ["open one", "open two", "opened one", "opened two"]);
    journal.length = 0;
    await set.close(soon());
    assert.deepEqual(journal, ["close two", "closed two", "close one", "closed one"]);
  });

  it("stop the start where one that is required can't be opened: with what it threw, when all have settled", async () => {
    const journal: string[] = [];
    let settle = (): void => {};
    const slow = new FakeResource("slow", {
      journal,
      opens: () => new Promise((resolve) => (settle = resolve)),
    });
    const set = new ResourceSet(
      [slow, new FakeResource("broken", { journal, opens: broken("no way") })],
      assert.ifError,
    );
    const opening = set.open();
    settle();
    await assert.rejects(opening, { message: "no way" });
    assert.ok(journal.includes("opened slow"));
  });

  it("are done without where they aren't required, which is told", async () => {
    const told: unknown[] = [];
    const optional = new FakeResource("optional", { required: false, opens: broken("gone") });
    await new ResourceSet([optional, new FakeResource("other")], (error) => told.push(error)).open();
    assert.deepEqual(told, [new Error("gone")]);
  });

  it("may throw instead of rejecting", async () => {
    const told: unknown[] = [];
    const rude = new FakeResource("rude");
    rude.open = (): never => {
      throw new Error("open");
    };
    rude.close = (): never => {
      throw new Error("close");
    };
    const set = new ResourceSet([rude], (error) => told.push(error));
    await assert.rejects(set.open(), { message: "open" });
    await set.close(soon());
    assert.deepEqual(told, [new Error("close")]);
  });

  it("are given the time that is left, none past the deadline", async () => {
    const [late, early] = [new FakeResource("late"), new FakeResource("early")];
    const set = new ResourceSet([early, late], assert.ifError);
    await set.close(soon(60_000));
    for (const { closedWith } of [late, early]) {
      assert.ok((closedWith?.drainMs ?? 0) > 50_000 && (closedWith?.drainMs ?? 0) <= 60_000);
    }
    const past = new FakeResource("past");
    await new ResourceSet([past], assert.ifError).close(performance.now() - 1);
    assert.deepEqual(past.closedWith, { drainMs: 0 });
  });

  it("are closed even if one of them never is", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const fine = new FakeResource("fine");
    const stuck = new FakeResource("stuck", { closes: () => new Promise(() => {}) });
    const closing = new ResourceSet([fine, stuck], assert.ifError).close(soon(10));
    while (fine.closedWith === undefined) {
      t.mock.timers.tick(100);
      await Promise.resolve();
    }
    await closing;
  });

  it("are closed after they were opened, if they are told to while that is under way", async () => {
    const journal: string[] = [];
    let settle = (): void => {};
    const slow = new FakeResource("slow", {
      journal,
      opens: () => new Promise((resolve) => (settle = resolve)),
    });
    const set = new ResourceSet([slow], assert.ifError);
    const opening = set.open();
    const closing = set.close(soon(60_000));
    settle();
    await Promise.all([opening, closing]);
    assert.deepEqual(journal, ["open slow", "opened slow", "close slow", "closed slow"]);
  });
});
