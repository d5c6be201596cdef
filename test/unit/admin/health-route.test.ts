import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { describe, it } from "node:test";
import { type Health, healthRoute } from "../../../src/admin/health-route.ts";

const request = {} as IncomingMessage;
const healthy: Health = {
  status: "ok",
  resources: [{ name: "database", status: "up" }],
  connections: 3,
  maxConnections: 10,
  uptimeMs: 1234,
  version: "1.2.3",
};

describe("healthRoute", () => {
  it("answers 200 with what it read at that moment", () => {
    let connections = 1;
    const route = healthRoute(() => ({ ...healthy, connections }));
    connections = 7;
    const answer = route("/health", request);
    assert.equal(answer?.status, 200);
    assert.deepEqual(JSON.parse(String(answer?.body)), { ...healthy, connections: 7 });
  });

  it("answers 503 while the server drains", () => {
    const answer = healthRoute(() => ({ ...healthy, status: "draining" }))("/health", request);
    assert.equal(answer?.status, 503);
    assert.equal(JSON.parse(String(answer?.body)).status, "draining");
  });

  it("answers 200 while a resource is down that it can do without, 503 while one is that it can't", () => {
    for (const [status, code] of [
      ["degraded", 200],
      ["unavailable", 503],
    ] as const) {
      const resources = [{ name: "cache", status: "down", reason: "refused" }] as const;
      const answer = healthRoute(() => ({ ...healthy, status, resources }))("/health", request);
      assert.equal(answer?.status, code);
      assert.deepEqual(JSON.parse(String(answer?.body)).resources, resources);
    }
  });

  it("knows no other path", () => {
    assert.equal(healthRoute(() => healthy)("/healthy", request), undefined);
  });
});
