import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { compressionDefaults, connectionDefaults } from "../../../src/transport/connection-options.ts";

const source = readFileSync(new URL("../../../src/transport/connection-options.ts", import.meta.url), "utf8");

/** What the docstring of each member of an interface gives as its default. */
function documented(name: string): Record<string, string> {
  const body = new RegExp(`export interface ${name} \\{(.*?)\n\\}`, "s").exec(source)?.[1] ?? "";
  const members = body.matchAll(/\/\*\*(.*?)\*\/\s*readonly (\w+):/gs);
  return Object.fromEntries(
    [...members].flatMap(([, text = "", member = ""]) => {
      const value = /@default ("\w+"|[\w_]+)/.exec(text)?.[1];
      return value === undefined ? [] : [[member, value.replaceAll("_", "").replaceAll('"', "")]];
    }),
  );
}

function actual(options: object, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, String(Reflect.get(options, name))]));
}

describe("the defaults of connections", () => {
  it("are as documented", () => {
    for (const [name, defaults] of [
      ["SendBufferOptions", connectionDefaults.sendBuffer],
      ["ReceiveOptions", connectionDefaults.receive],
      ["KeepaliveOptions", connectionDefaults.keepalive],
      ["CompressionOptions", compressionDefaults],
    ] as const) {
      const said = documented(name);
      assert.deepEqual(said, actual(defaults, Object.keys(defaults)), name);
    }
    const said = documented("ConnectionOptions");
    assert.ok(Object.keys(said).length >= 8);
    assert.deepEqual(said, actual(connectionDefaults, Object.keys(said)));
  });

  it("can't be changed", () => {
    for (const defaults of [
      connectionDefaults,
      connectionDefaults.sendBuffer,
      connectionDefaults.receive,
      connectionDefaults.keepalive,
      compressionDefaults,
    ]) {
      assert.ok(Object.isFrozen(defaults));
    }
  });
});
