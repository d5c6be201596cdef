import assert from "node:assert/strict";
import { describe, it } from "node:test";
import ts from "typescript";
import { channels } from "../../src/diagnostics/index.ts";
import { createServer } from "../../src/index.ts";
import { documentedOptions, tableAfter, ticked } from "../support/pages.ts";
import { nodesOf, parsedUnder } from "../support/source.ts";

const PAGE = "docs/metrics.md";

describe("docs/metrics.md", () => {
  it("has every field of server.stats()", () => {
    const stats = createServer({ handler: () => {} }).stats();
    const fields = Object.entries(stats).flatMap(([name, value]) =>
      typeof value === "object" && Object.keys(value).length > 0
        ? Object.keys(value).map((key) => `${name}.${key}`)
        : [name],
    );
    const documented = tableAfter(PAGE, "server.stats()").map(([field = ""]) => ticked(field)[0]);
    assert.deepEqual(documented, fields);
  });

  it("calls gauges what can fall, and counters what can't", () => {
    const kinds = new Map(
      tableAfter(PAGE, "server.stats()").map(([field = "", kind]) => [ticked(field)[0], kind]),
    );
    const gauges = [...kinds].filter(([, kind]) => kind === "gauge").map(([field]) => field);
    assert.deepEqual(gauges, ["connections", "handshakes", "bufferedBytes"]);
    for (const field of ["closed", "violations"]) assert.equal(kinds.get(field), "counters");
  });

  it("has every diagnostics channel, with what is published", async () => {
    const documented = tableAfter(PAGE, "Diagnostics channels").map(([name = "", , message = ""]) => [
      ticked(name)[0],
      ticked(message),
    ]);
    const published = await publishedKeys();
    const expected = Object.entries(channels).map(([key, { name }]) => [name, published.get(key)]);
    assert.deepEqual(Object.fromEntries(documented), Object.fromEntries(expected));
  });
});

/** The keys of what is published to each channel, by the channel's key. */
async function publishedKeys(): Promise<Map<string, string[]>> {
  const closing = (await documentedOptions()).filter(({ owner }) => owner === "CloseOptions");
  const keys = new Map<string, string[]>();
  for (const call of nodesOf(parsedUnder("src"), ts.isCallExpression)) {
    const [, key] = /^channels\.(\w+)\.publish$/.exec(call.expression.getText()) ?? [];
    const [message] = call.arguments;
    if (key === undefined || message === undefined || !ts.isObjectLiteralExpression(message)) continue;
    const found = message.properties.flatMap((property) =>
      // Options that a closing server was given, as they are.
      ts.isSpreadAssignment(property)
        ? closing.map(({ path }) => path.split(".").at(-1) ?? "")
        : [property.name.getText()],
    );
    keys.set(key, found);
  }
  return keys;
}
