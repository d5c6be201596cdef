import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { encodeRefusal, type Refusal } from "../../../src/websocket/refusal.ts";
import { parseRequestHead, type RequestHead } from "../../../src/websocket/request-head.ts";
import { isUpgradeRequest, validateUpgrade } from "../../../src/websocket/upgrade-validation.ts";
import { type HeaderChange, handshakeHead, handshakeHeaders, headBytes } from "../../support/handshake.ts";

function refusalOf(head: RequestHead): Refusal | undefined {
  const validation = validateUpgrade(head);
  return validation.kind === "refused" ? validation.refusal : undefined;
}

/** The status, or "upgrade"; and the same if the request goes through our own parser. */
function outcome(head: RequestHead): number | "upgrade" {
  const bytes = headBytes(head);
  const parse = parseRequestHead(bytes, 0, bytes.length, { maxHeaderBytes: 65_536, maxHeaderCount: 1000 });
  const status = refusalOf(head)?.status ?? "upgrade";
  if (parse.kind === "head") assert.equal(refusalOf(parse.head)?.status ?? "upgrade", status);
  else assert.equal(parse.kind === "refused" && parse.refusal.status, 400);
  return status;
}

const long = "a".repeat(10_000);

// Each header that a handshake depends on, and what comes of everything that can be done to it.
const table: [header: string, value: HeaderChange, expected: number | "upgrade"][] = [
  ["Host", undefined, 400],
  ["Host", "", 400],
  ["Host", ["a", "a"], 400],
  ["Host", "caf\xe9", 400],
  ["Host", "a, b", 400],
  ["Host", "a/b", 400],
  ["Host", "user@a", 400],
  ["Host", "a b", 400],
  ["Host", long, "upgrade"],
  ["Host", "[::1]:8765", "upgrade"],
  ["Upgrade", undefined, 400],
  ["Upgrade", "", 400],
  ["Upgrade", ["websocket", "websocket"], 400],
  ["Upgrade", long, 400],
  ["Upgrade", "webs\xf6cket", 400],
  ["Upgrade", "WebSocket", "upgrade"],
  ["Upgrade", "WEBSOCKET", "upgrade"],
  ["Upgrade", "h2c", 400],
  ["Upgrade", "foo, websocket", 400],
  ["Upgrade", "websocket, foo", 400],
  ["Upgrade", "websocket/13", 400],
  ["Connection", undefined, 400],
  ["Connection", "", 400],
  ["Connection", long, 400],
  ["Connection", "upgrad\xe9", 400],
  ["Connection", "close", 400],
  ["Connection", "keep-alive", 400],
  ["Connection", "upgraded", 400],
  ["Connection", "x upgrade", 400],
  ["Connection", "upgrade,", 400],
  ["Connection", ",upgrade", 400],
  ["Connection", "upgrade;q=1", 400],
  ["Connection", "uPgRaDe", "upgrade"],
  ["Connection", "keep-alive, Upgrade", "upgrade"],
  ["Connection", "Upgrade\t ,HTTP2-Settings", "upgrade"],
  ["Connection", ["keep-alive", "Upgrade"], "upgrade"],
  ["Sec-WebSocket-Key", undefined, 400],
  ["Sec-WebSocket-Key", "", 400],
  ["Sec-WebSocket-Key", ["dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ=="], 400],
  ["Sec-WebSocket-Key", long, 400],
  ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZ\xe9==", 400],
  ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=", 400],
  ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ", 400],
  ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZR==", 400],
  ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQQ=", 400],
  ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=A", 400],
  ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZWE=", 400],
  ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25j====", 400],
  ["Sec-WebSocket-Key", "dGhl-HNhbXBsZSBub25jZQ==", 400],
  ["Sec-WebSocket-Key", "dGhl_HNhbXBsZSBub25jZQ==", 400],
  ["Sec-WebSocket-Key", "dGhl:HNhbXBsZSBub25jZQ==", 400],
  ["Sec-WebSocket-Key", "dGhl.HNhbXBsZSBub25jZQ==", 400],
  ["Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==", "upgrade"],
  ["Sec-WebSocket-Key", "/+09azAZ////////////+w==", "upgrade"],
  ["Sec-WebSocket-Version", undefined, 400],
  ["Sec-WebSocket-Version", "", 400],
  ["Sec-WebSocket-Version", ["13", "13"], 400],
  ["Sec-WebSocket-Version", long, 426],
  ["Sec-WebSocket-Version", "1\xb3", 426],
  ["Sec-WebSocket-Version", "8", 426],
  ["Sec-WebSocket-Version", "14", 426],
  ["Sec-WebSocket-Version", "013", 426],
  ["Sec-WebSocket-Version", "13, 8", 426],
  ["Sec-WebSocket-Version", "0x0d", 426],
  ["Content-Length", "0", "upgrade"],
  ["Content-Length", "5", 400],
  ["Content-Length", "", 400],
  ["Content-Length", "00", 400],
  ["Content-Length", "-0", 400],
  ["Content-Length", ["0", "0"], 400],
  ["Transfer-Encoding", "chunked", 400],
  ["Transfer-Encoding", "identity", 400],
  ["Transfer-Encoding", "", 400],
  ["Expect", "100-continue", 417],
  ["Expect", "anything", 417],
  ["Origin", "null", "upgrade"],
  ["Origin", ["http://a", "http://b"], 400],
  ["Authorization", ["Bearer a", "Bearer b"], 400],
  ["Sec-WebSocket-Protocol", "a, b", "upgrade"],
  ["Sec-WebSocket-Protocol", ["a", "b"], "upgrade"],
  ["Sec-WebSocket-Protocol", "", 400],
  ["Sec-WebSocket-Protocol", "a, a", 400],
  ["Sec-WebSocket-Protocol", ["a", "a"], 400],
  ["Sec-WebSocket-Protocol", `b${" ".repeat(32_000)}x`, 400],
  ["Sec-WebSocket-Protocol", "caf\xe9", 400],
  ["Sec-WebSocket-Protocol", Array.from({ length: 1000 }, (_, index) => `p${index}`).join(","), 400],
  ["Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits", "upgrade"],
  ["Sec-WebSocket-Extensions", "unknown; a=b", "upgrade"],
  ["Sec-WebSocket-Extensions", "permessage-deflate; server_max_window_bits=99", "upgrade"],
  ["Sec-WebSocket-Extensions", "", 400],
  ["Sec-WebSocket-Extensions", ",;constructor", 400],
  ["Sec-WebSocket-Extensions", `a; b="${"\\c".repeat(16_000)}`, 400],
  ["X-Other", ["1", "2"], "upgrade"],
  ["__proto__", "x", "upgrade"],
];

describe("validateUpgrade", () => {
  it("takes the request of RFC 6455 §1.2, in any case of its names", () => {
    assert.equal(outcome(handshakeHead()), "upgrade");
    const lower = Object.entries(handshakeHeaders).flatMap(([name, value]) => [name.toLowerCase(), value]);
    const upper = Object.entries(handshakeHeaders).flatMap(([name, value]) => [name.toUpperCase(), value]);
    assert.equal(outcome({ ...handshakeHead(), rawHeaders: lower }), "upgrade");
    assert.equal(outcome({ ...handshakeHead(), rawHeaders: upper }), "upgrade");
  });

  for (const [header, value, expected] of table) {
    const shown = JSON.stringify(value)?.slice(0, 60) ?? "nothing";
    it(`answers ${header} of ${shown} with ${expected}`, () => {
      const own = Object.create(null) as Record<string, HeaderChange>;
      own[header] = value;
      assert.equal(outcome(handshakeHead(own)), expected);
    });
  }

  for (const target of ["http://evil/x", "*", "evil:443", "a", "/a#b", "?a"]) {
    it(`answers the target ${target} with 400`, () =>
      assert.equal(outcome(handshakeHead({}, { target })), 400));
  }

  for (const target of ["/", "//", "/%", "//evil/p", "/%ff", "/?a?b", "/:name"]) {
    it(`takes the target ${target}`, () => assert.equal(outcome(handshakeHead({}, { target })), "upgrade"));
  }

  it("answers other methods with 405 and the one that is allowed", () => {
    for (const method of ["POST", "HEAD", "CONNECT", "OPTIONS", "get", "PUT", "__proto__"]) {
      const refusal = refusalOf(handshakeHead({}, { method }));
      assert.equal(refusal?.status, 405);
      assert.equal(refusal?.headers?.["Allow"], "GET");
    }
  });

  it("answers HTTP/1.0 with 400", () => {
    assert.equal(outcome(handshakeHead({}, { version: "1.0" })), 400);
  });

  it("names the version that it speaks when another, or none, was asked for", () => {
    for (const version of ["8", "", undefined]) {
      const refusal = refusalOf(handshakeHead({ "Sec-WebSocket-Version": version }));
      assert.equal(refusal?.headers?.["Sec-WebSocket-Version"], "13");
    }
  });

  it("takes the names of Object.prototype for unknown headers and extensions", () => {
    for (const name of Object.getOwnPropertyNames(Object.prototype)) {
      const own = Object.create(null) as Record<string, HeaderChange>;
      own[name] = ["1", "2"];
      own["Sec-WebSocket-Extensions"] = `${name}; ${name}=1; ${name}`;
      assert.equal(outcome(handshakeHead(own)), "upgrade", name);
    }
  });

  it("gives only refusals that can be sent, and never throws", () => {
    const name = fc.constantFrom(
      ...Object.keys(handshakeHeaders),
      "Content-Length",
      "Expect",
      "Sec-WebSocket-Protocol",
      "a",
    );
    const value = fc.oneof(fc.string(), fc.constantFrom(...Object.values(handshakeHeaders)));
    const method = fc.constantFrom("GET", "POST");
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), method, fc.string(), (fields, verb, rest) => {
        const head: RequestHead = {
          method: verb,
          target: `/${rest}`,
          version: "1.1",
          rawHeaders: fields.flat(),
        };
        const refusal = refusalOf(head);
        if (refusal !== undefined) assert.ok(encodeRefusal(refusal).length > 0);
      }),
    );
  });
});

describe("isUpgradeRequest", () => {
  it("is false for plain HTTP", () => {
    assert.equal(
      isUpgradeRequest({ method: "GET", target: "/", version: "1.1", rawHeaders: ["Host", "a"] }),
      false,
    );
    assert.equal(isUpgradeRequest({ method: "POST", target: "/", version: "1.0", rawHeaders: [] }), false);
    const named = ["Connection", "upgrade", "X", "Upgrade", "Upgrade-Insecure-Requests", "1"];
    assert.equal(isUpgradeRequest({ method: "GET", target: "/", version: "1.1", rawHeaders: named }), false);
  });

  it("is true for any upgrade, in any case, for what a proxy left of one, and for a tunnel", () => {
    for (const name of ["Upgrade", "uPGRADE", "Sec-WebSocket-Key", "sec-websocket-version"]) {
      assert.equal(
        isUpgradeRequest({ method: "GET", target: "/", version: "1.1", rawHeaders: [name, ""] }),
        true,
      );
    }
    assert.equal(
      isUpgradeRequest({ method: "CONNECT", target: "a:1", version: "1.1", rawHeaders: [] }),
      true,
    );
  });
});
