import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { describe, it } from "node:test";
import { webSocketRoute } from "../../../src/admin/web-socket-route.ts";

const request = {} as IncomingMessage;

describe("webSocketRoute", () => {
  it("answers 426 and says what to upgrade to", () => {
    const answer = webSocketRoute((path) => path === "/echo")("/echo", request);
    assert.equal(answer?.status, 426);
    assert.equal(answer?.headers["Upgrade"], "websocket");
    assert.equal(answer?.headers["Connection"], "Upgrade");
    assert.equal(answer?.headers["Sec-WebSocket-Version"], "13");
  });

  it("leaves other paths to others", () => {
    assert.equal(webSocketRoute((path) => path === "/echo")("/", request), undefined);
  });
});
