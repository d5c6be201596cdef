import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseRequestHead, type RequestHead } from "../../../src/websocket/request-head.ts";
import { requestOf, type UpgradeRequest } from "../../../src/websocket/upgrade-request.ts";
import { handshakeHead, headBytes } from "../../support/handshake.ts";

/** The head as it is when it was parsed here, with its text. */
function parsed(head: RequestHead): RequestHead {
  const bytes = headBytes(head);
  const parse = parseRequestHead(bytes, 0, bytes.length, { maxHeaderBytes: 65_536, maxHeaderCount: 1000 });
  assert.ok(parse.kind === "head");
  return parse.head;
}

function request(head: RequestHead): UpgradeRequest {
  const made = requestOf(head);
  assert.ok(made !== undefined);
  return made;
}

for (const [source, from] of [
  ["a head that was parsed here", parsed],
  ["a head of another parser", (head: RequestHead): RequestHead => head],
] as const) {
  describe(`UpgradeRequest of ${source}`, () => {
    it("has what RFC 6455 names", () => {
      const made = request(from(handshakeHead({ Origin: "http://a.example" }, { target: "/chat?a=1&b=?2" })));
      assert.equal(made.target, "/chat?a=1&b=?2");
      assert.equal(made.path, "/chat");
      assert.equal(made.query, "a=1&b=?2");
      assert.equal(made.key, "dGhlIHNhbXBsZSBub25jZQ==");
      assert.equal(made.host, "localhost:8765");
      assert.equal(made.origin, "http://a.example");
      assert.deepEqual(made.subprotocols, []);
      assert.deepEqual(made.extensions, []);
    });

    it("has neither query nor origin where none was sent", () => {
      const made = request(from(handshakeHead()));
      assert.equal(made.path, "/");
      assert.equal(made.query, "");
      assert.equal(made.origin, undefined);
    });

    it("neither decodes nor resolves its target", () => {
      for (const target of ["//", "//evil/p", "/%", "/%ff%zz", "/a/../b"]) {
        assert.equal(request(from(handshakeHead({}, { target }))).path, target);
      }
      assert.equal(request(from(handshakeHead({}, { target: "/?__proto__[x]=1" }))).query, "__proto__[x]=1");
      assert.equal("x" in {}, false);
    });

    it("joins lists that came in several headers", () => {
      const made = request(
        from(
          handshakeHead({
            "Sec-WebSocket-Protocol": ["a, b", "c"],
            "sec-websocket-extensions": ["x; y=1", "z"],
          }),
        ),
      );
      assert.deepEqual(made.subprotocols, ["a", "b", "c"]);
      assert.deepEqual(
        made.extensions.map((offer) => offer.name),
        ["x", "z"],
      );
    });

    it("finds headers in any case, the first of several", () => {
      const made = request(from(handshakeHead({ Cookie: ["a=1", "b=2"], "X-Empty": "" })));
      assert.equal(made.header("COOKIE"), "a=1");
      assert.equal(made.header("x-empty"), "");
      assert.equal(made.header("cook"), undefined);
    });

    it("finds only headers under the names of Object.prototype", () => {
      const names = Object.getOwnPropertyNames(Object.prototype);
      const without = request(from(handshakeHead()));
      for (const name of names) assert.equal(without.header(name), undefined);
      const made = request(from(handshakeHead(Object.fromEntries(names.map((name) => [name, "sent"])))));
      for (const name of names) assert.equal(made.header(name), "sent", name);
    });

    it("gives the headers as they were sent", () => {
      const head = handshakeHead({ "X-a": ["1", "2"] });
      assert.deepEqual(request(from(head)).rawHeaders, head.rawHeaders);
    });
  });
}

describe("requestOf", () => {
  it("refuses what another parser let through but can't be written as lines", () => {
    assert.equal(requestOf(handshakeHead({ A: "b\r\nHost: evil" })), undefined);
    assert.equal(requestOf(handshakeHead({ "A b": "c" })), undefined);
    assert.equal(requestOf(handshakeHead({}, { target: "/a b" })), undefined);
    assert.equal(requestOf(handshakeHead({}, { target: "/a\r\nHost: evil" })), undefined);
  });
});
