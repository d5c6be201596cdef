import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConnectionRegistry, type Registered } from "../../../src/transport/connection-registry.ts";

interface Named extends Registered {
  readonly name: string;
}

function named(name: string): Named {
  return { name, registryIndex: -1 };
}

function names(registry: ConnectionRegistry<Named>): string[] {
  return [...registry].map(({ name }) => name).sort();
}

describe("ConnectionRegistry", () => {
  it("has what was added, until it is deleted", () => {
    const registry = new ConnectionRegistry<Named>();
    const [a, b, c, d] = ["a", "b", "c", "d"].map(named) as [Named, Named, Named, Named];
    for (const member of [a, b, c, d]) registry.add(member);
    assert.equal(registry.size, 4);
    registry.delete(b);
    assert.deepEqual(names(registry), ["a", "c", "d"]);
    registry.delete(d);
    registry.delete(a);
    assert.deepEqual(names(registry), ["c"]);
    registry.delete(c);
    assert.equal(registry.size, 0);
  });

  it("doesn't mind what isn't in it", () => {
    const registry = new ConnectionRegistry<Named>();
    const inside = named("inside");
    registry.add(inside);
    registry.delete(named("never in"));
    registry.delete(inside);
    registry.delete(inside);
    assert.equal(registry.size, 0);
  });

  it("can be changed while somebody goes through it", () => {
    const registry = new ConnectionRegistry<Named>();
    for (const name of ["a", "b", "c"]) registry.add(named(name));
    const seen: string[] = [];
    for (const member of registry) {
      seen.push(member.name);
      registry.delete(member);
      registry.add(named("later"));
    }
    assert.deepEqual(seen, ["a", "b", "c"]);
    assert.deepEqual(names(registry), ["later", "later", "later"]);
  });
});
