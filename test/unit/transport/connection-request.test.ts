import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StreamRequest } from "../../../src/transport/connection-request.ts";
import { upgradeRequest } from "../../support/fake-connection.ts";
import { FakeStream } from "../../support/fake-stream.ts";

describe("StreamRequest", () => {
  it("says what was asked for, and by whom", () => {
    const stream = new FakeStream("192.0.2.9");
    stream.encrypted = true;
    const upgrade = upgradeRequest("/chat/a%20b?x=1", { "X-Custom": "yes" });
    const request = new StreamRequest(upgrade, { room: "a b" }, stream);
    assert.equal(request.url, "/chat/a%20b?x=1");
    assert.equal(request.path, "/chat/a%20b");
    assert.equal(request.query, "x=1");
    assert.deepEqual(request.params, { room: "a b" });
    assert.equal(request.header("x-custom"), "yes");
    assert.equal(request.header("x-none"), undefined);
    assert.equal(request.rawHeaders[request.rawHeaders.indexOf("X-Custom") + 1], "yes");
    assert.equal(request.remoteAddress, "192.0.2.9");
    assert.equal(request.remotePort, 50_000);
    assert.equal(request.encrypted, true);
  });
});
