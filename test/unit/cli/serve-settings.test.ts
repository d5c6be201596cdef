import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { flagOf, serveOptions, serveSettings, variableOf } from "../../../src/cli/serve-settings.ts";
import { createServer } from "../../../src/server/index.ts";
import { connectionDefaults } from "../../../src/transport/index.ts";

describe("serveSettings", () => {
  it("have a place of their own each, at most two deep", () => {
    const paths = Object.values(serveSettings).map(({ path }) => path);
    assert.equal(new Set(paths).size, paths.length);
    for (const path of paths) assert.match(path, /^[a-zA-Z]+(\.[a-zA-Z]+)?$/);
  });

  it("say the defaults that connections really have", () => {
    const paths = Object.entries(serveSettings).flatMap(([key, { path, kind, fallback }]) => {
      const value = path
        .split(".")
        .reduce<unknown>((tree, name) => (tree as Record<string, unknown>)?.[name], connectionDefaults);
      if (value === undefined || key === "compression") return [];
      assert.deepEqual(kind.fromText(fallback), value, key);
      return [path];
    });
    assert.ok(paths.length >= 15, `${paths.length} were compared`);
  });

  it("take no time for draining that a timer can't wait", () => {
    for (const key of ["drainNoticeMs", "drainMs", "drainSpreadMs"]) {
      const { kind } = serveSettings[key] as (typeof serveSettings)[string];
      assert.equal(kind.fromText("2147483647"), 2_147_483_647, key);
      for (const text of ["2147483648", "-1", "Infinity"]) assert.equal(kind.fromText(text), undefined, key);
      for (const value of [2 ** 31, Number.POSITIVE_INFINITY]) assert.equal(kind.fromValue(value), undefined);
      assert.equal(kind.expects, "a whole number from 0 to 2147483647");
    }
  });

  it("are all taken by the server, but those that are the command's own", () => {
    const samples: Record<string, unknown> = {
      host: "localhost",
      transport: "auto",
      origins: ["https://example.com"],
      hosts: "any",
      exemptAddresses: ["10.0.0.0/8"],
      slowConsumer: "wait",
      compression: true,
      maxHeaderBytes: 1024,
      sendHighWaterBytes: 10,
      sendLowWaterBytes: 5,
      receiveHighWaterMessages: 10,
      receiveLowWaterMessages: 5,
      receiveHighWaterBytes: 10,
      receiveLowWaterBytes: 5,
      sendMaxBytes: 100,
    };
    const own = /^(tls|drain|page|database|demo|logLevel)/;
    const values = Object.entries(serveSettings)
      .filter(([, { path }]) => !own.test(path))
      .map(([key]) => [key, samples[key] ?? 1]);
    const options = serveOptions(Object.fromEntries(values));
    assert.doesNotThrow(() =>
      createServer({ ...options, handler: () => {} } as Parameters<typeof createServer>[0]),
    );
  });
});

describe("serveOptions", () => {
  it("puts each setting in its place, and none that isn't set", () => {
    const options = serveOptions({
      port: 1,
      maxConnections: 2,
      maxHeaderBytes: 3,
      drainMs: 4,
      page: false,
      pingIntervalMs: null,
    });
    assert.deepEqual(options, {
      port: 1,
      limits: { maxConnections: 2, maxHeaderBytes: 3 },
      keepalive: { pingIntervalMs: null },
      drain: { drainMs: 4 },
      page: false,
    });
    assert.deepEqual(serveOptions({}), {});
  });

  it("takes nothing that isn't a setting", () => {
    assert.deepEqual(serveOptions({ config: "file", constructor: 1, ["__proto__"]: 1 }), {});
  });
});

it("flags and variables are named after their settings", () => {
  assert.equal(flagOf("maxConnectionsPerAddress"), "--max-connections-per-address");
  assert.equal(variableOf("maxConnectionsPerAddress"), "SLUICE_MAX_CONNECTIONS_PER_ADDRESS");
  assert.equal(variableOf("port"), "SLUICE_PORT");
});
