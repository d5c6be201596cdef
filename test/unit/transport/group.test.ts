import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Group } from "../../../src/transport/group.ts";
import type { GroupLog } from "../../../src/transport/group-log.ts";
import { type FakeConnection, fakeEngine, openConnection, turn } from "../../support/fake-connection.ts";

interface Crowd {
  readonly members: FakeConnection[];
  readonly log: GroupLog;
  flush(): void;
}

function crowd(count: number): Crowd {
  const { engine } = fakeEngine();
  const members = Array.from({ length: count }, () => openConnection(engine));
  engine.flusher.flush();
  return { members, log: engine.flusher.log, flush: () => engine.flusher.flush() };
}

describe("Group", () => {
  it("sends to its members, and to nobody else", () => {
    const { members, log, flush } = crowd(3);
    const group = new Group("g", log);
    const [a, b, c] = members as [FakeConnection, FakeConnection, FakeConnection];
    group.add(a.socket);
    group.add(b.socket);
    group.send("text", "");
    group.send(Buffer.from("bytes"), "");
    flush();
    const expected = ["text:text", `binary:${Buffer.from("bytes").toString("hex")}`];
    assert.deepEqual([a.frames(), b.frames(), c.frames()], [expected, expected, []]);
    assert.equal(a.stream.writes.length, 2, "one write for the handshake's answer, one for all messages");
  });

  it("knows who is in it", () => {
    const { members, log } = crowd(2);
    const group = new Group("g", log);
    const [a, b] = members as [FakeConnection, FakeConnection];
    group.add(a.socket);
    group.add(a.socket);
    assert.equal(group.size, 1);
    assert.equal(group.has(a.socket), true);
    assert.equal(group.has(b.socket), false);
    group.remove(b.socket);
    group.remove(a.socket);
    group.remove(a.socket);
    assert.equal(group.size, 0);
    assert.equal(group.has(a.socket), false);
  });

  it("gives a member only what came after it has joined and before it has left", () => {
    const { members, log, flush } = crowd(2);
    const group = new Group("g", log);
    const [a, b] = members as [FakeConnection, FakeConnection];
    group.add(a.socket);
    group.send("1", "");
    group.add(b.socket);
    group.send("2", "");
    group.remove(a.socket);
    group.send("3", "");
    group.add(a.socket);
    group.send("4", "");
    flush();
    group.send("5", "");
    flush();
    assert.deepEqual(a.frames(), ["text:1", "text:2", "text:4", "text:5"]);
    assert.deepEqual(b.frames(), ["text:2", "text:3", "text:4", "text:5"]);
  });

  it("takes nobody who is closing, and lets go of whoever is closed", async () => {
    const { members, log } = crowd(2);
    const emptied: string[] = [];
    const group = new Group("g", log, { onEmpty: () => emptied.push("empty") });
    const [a, b] = members as [FakeConnection, FakeConnection];
    group.add(a.socket);
    a.socket.terminate();
    b.socket.close();
    group.add(b.socket);
    await turn();
    assert.equal(group.size, 0);
    assert.deepEqual(emptied, ["empty"]);
  });

  it("removes any member without losing another", () => {
    const { members, log, flush } = crowd(5);
    const group = new Group("g", log);
    for (const { socket } of members) group.add(socket);
    for (const index of [1, 4, 0]) group.remove((members[index] as FakeConnection).socket);
    group.send("x", "");
    flush();
    assert.deepEqual(
      members.map((member) => member.frames().length),
      [0, 0, 1, 1, 0],
    );
  });

  it("knows whether it is apart: whether none of its members is in another named group", () => {
    const { members, log } = crowd(3);
    const [a, b] = members as [FakeConnection, FakeConnection, FakeConnection];
    const [one, two, three] = ["one", "two", "three"].map((name) => new Group(name, log)) as [
      Group,
      Group,
      Group,
    ];
    const everybody = new Group("", log, { isEverybody: true });
    const apart = (): boolean[] => [one, two, three].map(({ isApart }) => isApart);
    everybody.add(a.socket);
    one.add(a.socket);
    two.add(b.socket);
    assert.deepEqual(apart(), [true, true, true], "the group of all doesn't count");
    assert.equal(everybody.isApart, false);
    two.add(a.socket);
    assert.deepEqual(apart(), [false, false, true]);
    three.add(a.socket);
    assert.deepEqual(apart(), [false, false, false]);
    one.remove(a.socket);
    assert.deepEqual(apart(), [true, false, false]);
    three.remove(a.socket);
    assert.deepEqual(apart(), [true, true, true]);
  });

  it("sends nothing to nobody", () => {
    const { log } = crowd(0);
    new Group("g", log).send("x", "");
    assert.equal(log.isEmpty, true);
  });
});
