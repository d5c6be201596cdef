import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseTarget } from "../../../src/cli/connect-target.ts";

describe("parseTarget", () => {
  it("takes a URL apart", () => {
    assert.deepEqual(parseTarget("wss://example.com:444/a%20b?c=d"), {
      url: "wss://example.com:444/a%20b?c=d",
      encrypted: true,
      hostname: "example.com",
      port: 444,
      host: "example.com:444",
      target: "/a%20b?c=d",
      authorization: undefined,
    });
  });

  it("knows each scheme's port, and leaves it out of the Host header", () => {
    for (const [url, port] of [
      ["ws://h", 80],
      ["http://h", 80],
      ["wss://h", 443],
      ["https://h", 443],
    ] as const) {
      assert.equal(parseTarget(url).port, port);
      assert.equal(parseTarget(url).host, "h");
      assert.equal(parseTarget(url).target, "/");
    }
    assert.equal(parseTarget("http://h/x").url, "ws://h/x");
  });

  it("takes a host alone for ws://", () => {
    assert.equal(parseTarget("localhost:8765/echo").url, "ws://localhost:8765/echo");
    assert.equal(parseTarget("[::1]:8765").hostname, "::1");
  });

  it("turns a user into a header, and shows it nowhere", () => {
    const target = parseTarget("ws://ann:p%40ss@h/");
    assert.equal(target.authorization, `Basic ${Buffer.from("ann:p@ss").toString("base64")}`);
    assert.doesNotMatch(`${target.url}${target.host}`, /ann|p@ss/);
  });

  it("refuses what isn't the URL of a WebSocket", () => {
    for (const text of ["", "ftp://h/", "ws://", "ws://h:99999/", "ws://h/#frag", "ws://a b/"]) {
      assert.throws(
        () => parseTarget(text),
        { code: "SLUICE_INVALID_OPTION", message: /^Correct the option URL: / },
        text,
      );
    }
  });
});
