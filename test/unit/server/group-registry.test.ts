import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { GroupRegistry, NamedGroup } from "../../../src/server/group-registry.ts";
import type { Connection } from "../../../src/transport/index.ts";
import { type FakeConnection, fakeEngine, openConnection, turn } from "../../support/fake-connection.ts";

interface Setup {
  readonly registry: GroupRegistry;
  readonly a: FakeConnection;
  readonly b: FakeConnection;
  group(name: string): NamedGroup;
  flush(): void;
}

function setup(): Setup {
  const { engine } = fakeEngine();
  const registry = new GroupRegistry(engine);
  const [a, b] = [openConnection(engine), openConnection(engine)];
  engine.flusher.flush();
  return {
    registry,
    a,
    b,
    group: (name) => new NamedGroup(name, registry),
    flush: () => engine.flusher.flush(),
  };
}

describe("a group by its name", () => {
  it("comes into being with its first member, and goes with its last", async () => {
    const { registry, group, a, b } = setup();
    const lobby = group("lobby");
    assert.deepEqual([lobby.name, lobby.size], ["lobby", 0]);
    lobby.send("to nobody");
    assert.equal(registry.find("lobby"), undefined);
    lobby.add(a.socket);
    lobby.add(b.socket);
    assert.equal(registry.find("lobby")?.size, 2);
    lobby.remove(a.socket);
    b.socket.terminate();
    await turn();
    assert.equal(registry.find("lobby"), undefined);
    assert.equal(lobby.size, 0);
    lobby.add(a.socket);
    assert.equal(lobby.size, 1, "and may come again");
  });

  it("is the same one whoever asks for it by its name", () => {
    const { group, a, b, flush } = setup();
    group("lobby").add(a.socket);
    group("lobby").add(b.socket);
    group("other").add(b.socket);
    assert.equal(group("lobby").has(a.socket), true);
    assert.equal(group("other").has(a.socket), false);
    group("lobby").send("1");
    group("other").send("2");
    flush();
    assert.deepEqual(a.frames(), ["text:1"]);
    assert.deepEqual(b.frames(), ["text:1", "text:2"]);
  });

  it("has names that objects have too", () => {
    const { group, a } = setup();
    for (const name of ["__proto__", "constructor", "", "toString"]) {
      assert.equal(group(name).has(a.socket), false);
      group(name).add(a.socket);
      assert.equal(group(name).size, 1);
    }
  });

  it("can be gone through, also while it changes", () => {
    const { group, a, b } = setup();
    const lobby = group("lobby");
    assert.deepEqual([...lobby], []);
    lobby.add(a.socket);
    lobby.add(b.socket);
    const seen: Connection[] = [];
    for (const socket of lobby) {
      seen.push(socket);
      lobby.remove(socket);
    }
    assert.deepEqual(seen, [a.socket, b.socket]);
    assert.equal(lobby.size, 0);
  });

  it("doesn't take a connection that isn't open", async () => {
    const { registry, group, a } = setup();
    a.socket.close();
    group("lobby").add(a.socket);
    assert.equal(registry.find("lobby"), undefined);
    a.socket.terminate();
    await turn();
    group("lobby").add(a.socket);
    assert.equal(registry.find("lobby"), undefined);
  });

  it("takes nothing but connections of its kind", () => {
    const { group, a } = setup();
    group("lobby").add(a.socket);
    const foreign = { state: "open" } as Connection;
    assert.throws(() => group("lobby").add(foreign), TypeError);
    assert.throws(() => group("lobby").remove(foreign), TypeError);
    assert.throws(() => group("lobby").has(foreign), TypeError);
  });

  it("sends nothing but strings and bytes, whoever is in it", () => {
    const { group, a, flush } = setup();
    for (const message of [1, null, undefined, {}, { byteLength: 5 }, [1, 2]]) {
      assert.throws(() => group("lobby").send(message as string), { code: "SLUICE_INVALID_MESSAGE" });
    }
    group("lobby").add(a.socket);
    assert.throws(() => group("lobby").send(5 as unknown as string), { code: "SLUICE_INVALID_MESSAGE" });
    flush();
    assert.deepEqual(a.frames(), []);
  });
});
