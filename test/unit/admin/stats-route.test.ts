import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { describe, it } from "node:test";
import { statsRoute } from "../../../src/admin/stats-route.ts";

const request = {} as IncomingMessage;

describe("statsRoute", () => {
  it("answers with what it read, as JSON", () => {
    const answer = statsRoute(() => ({ messagesIn: 5, closed: { 1000: 2 } }))("/stats", request);
    assert.equal(answer?.status, 200);
    assert.deepEqual(JSON.parse(String(answer?.body)), { messagesIn: 5, closed: { 1000: 2 } });
  });

  it("knows no other path", () => {
    assert.equal(statsRoute(() => ({}))("/", request), undefined);
  });
});
