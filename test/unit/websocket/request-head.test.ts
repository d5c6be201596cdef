import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type HeadLimits, type HeadParse, parseRequestHead } from "../../../src/websocket/request-head.ts";
import { countedBytes } from "../../support/counted-work.ts";

const limits: HeadLimits = { maxHeaderBytes: 16_384, maxHeaderCount: 100 };

function parse(text: string, given: HeadLimits = limits): HeadParse {
  const bytes = Buffer.from(text, "latin1");
  return parseRequestHead(bytes, 0, bytes.length, given);
}

/** The status of the refusal, or what else came of it. */
function outcome(text: string, given: HeadLimits = limits): number | string {
  const parsed = parse(text, given);
  return parsed.kind === "refused" ? parsed.refusal.status : parsed.kind;
}

/** As parse, but the bytes arrive in pieces, as a connection gets them. */
function parsePieces(bytes: Buffer, cuts: number[], given: HeadLimits): HeadParse {
  let before = 0;
  for (const end of [...cuts, bytes.length]) {
    const parsed = parseRequestHead(bytes, 0, end, given, before);
    if (parsed.kind !== "incomplete") return parsed;
    before = end;
  }
  return { kind: "incomplete" };
}

describe("parseRequestHead", () => {
  it("reads the request line and the headers, and says where they end", () => {
    const text = "GET /a?b=c HTTP/1.1\r\nHost: x\r\nX-Thing: \t a b \r\n\r\n";
    const parsed = parse(`${text}after`);
    assert.ok(parsed.kind === "head");
    assert.equal(parsed.end, text.length);
    assert.equal(parsed.head.method, "GET");
    assert.equal(parsed.head.target, "/a?b=c");
    assert.equal(parsed.head.version, "1.1");
    assert.deepEqual(parsed.head.rawHeaders, ["Host", "x", "X-Thing", "a b"]);
    assert.equal(parsed.head.text, text.slice(0, -2));
  });

  it("reads a head that lies in the middle of a buffer", () => {
    const text = "GET / HTTP/1.0\r\n\r\n";
    const bytes = Buffer.from(`garbage\n${text}more`);
    const parsed = parseRequestHead(bytes, 8, bytes.length, limits);
    assert.ok(parsed.kind === "head");
    assert.equal(parsed.end, 8 + text.length);
    assert.equal(parsed.head.version, "1.0");
    assert.deepEqual(parsed.head.rawHeaders, []);
  });

  it("doesn't see what lies beyond the end", () => {
    const bytes = Buffer.from("GET / HTTP/1.1\r\n\r\n");
    assert.equal(parseRequestHead(bytes, 0, bytes.length - 1, limits).kind, "incomplete");
    assert.equal(parseRequestHead(bytes, 0, 0, limits).kind, "incomplete");
  });

  it("keeps bytes above ASCII in values as Latin-1", () => {
    const parsed = parse("GET / HTTP/1.1\r\nA: caf\xe9\r\n\r\n");
    assert.deepEqual(parsed.kind === "head" && parsed.head.rawHeaders, ["A", "caf\xe9"]);
  });

  it("leaves targets as they are, whatever their form", () => {
    for (const target of [
      "//",
      "/%",
      "//evil/p",
      "http://evil/x",
      "*",
      "/a%zz?%",
      "evil:443",
      "/__proto__?__proto__[x]=1",
    ]) {
      const parsed = parse(`GET ${target} HTTP/1.1\r\n\r\n`);
      assert.equal(parsed.kind === "head" && parsed.head.target, target);
    }
  });

  const refusals: [name: string, text: string, status: number][] = [
    ["an empty line first", "\r\nGET / HTTP/1.1\r\n\r\n", 400],
    ["nothing but an empty line", "\r\n\r\n", 400],
    ["bare line feeds", "GET / HTTP/1.1\nHost: a\n\n", 400],
    ["one bare line feed", "GET / HTTP/1.1\r\nHost: a\nA: b\r\n\r\n", 400],
    ["a bare carriage return", "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", 400],
    ["the hello of a TLS client", "\x16\x03\x01\x02\x00\x01\x00", 400],
    ["a folded header", "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 400],
    ["a first header that is folded", "GET / HTTP/1.1\r\n A: b\r\n\r\n", 400],
    ["a blank before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400],
    ["a header without a colon", "GET / HTTP/1.1\r\nHost\r\n\r\n", 400],
    ["a header without a name", "GET / HTTP/1.1\r\n: a\r\n\r\n", 400],
    ["NUL in a value", "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", 400],
    ["DEL in a value", "GET / HTTP/1.1\r\nHost: a\x7f\r\n\r\n", 400],
    ["no target", "GET HTTP/1.1\r\n\r\n", 400],
    ["an empty target", "GET  HTTP/1.1\r\n\r\n", 400],
    ["two spaces before the version", "GET /  HTTP/1.1\r\n\r\n", 400],
    ["a space in the target", "GET /a b HTTP/1.1\r\n\r\n", 400],
    ["a tab in the request line", "GET\t/ HTTP/1.1\r\n\r\n", 400],
    ["a space at the end", "GET / HTTP/1.1 \r\n\r\n", 400],
    ["a space at the beginning", " GET / HTTP/1.1\r\n\r\n", 400],
    ["no version", "GET /\r\n\r\n", 400],
    ["a target above ASCII", "GET /\xe9 HTTP/1.1\r\n\r\n", 400],
    ["a method that isn't a token", "G(T / HTTP/1.1\r\n\r\n", 400],
    ["another protocol", "GET / FTP/1.1\r\n\r\n", 400],
    ["the protocol in lower case", "GET / http/1.1\r\n\r\n", 400],
    ["a version with two digits", "GET / HTTP/1.10\r\n\r\n", 400],
    ["HTTP/1.2", "GET / HTTP/1.2\r\n\r\n", 505],
    ["HTTP/2.0", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505],
    ["HTTP/0.9", "GET / HTTP/0.9\r\n\r\n", 505],
  ];
  for (const [name, text, status] of refusals) {
    it(`refuses ${name} with ${status}`, () => assert.equal(outcome(text), status));
  }

  it("takes heads up to the limit of bytes, and refuses larger ones with 431", () => {
    const text = "GET / HTTP/1.1\r\nA: b\r\n\r\n";
    assert.equal(outcome(text, { ...limits, maxHeaderBytes: text.length }), "head");
    assert.equal(outcome(text, { ...limits, maxHeaderBytes: text.length - 1 }), 431);
    assert.equal(outcome(text.slice(0, -2), { ...limits, maxHeaderBytes: text.length - 2 }), 431);
    assert.equal(outcome(text.slice(0, -2), { ...limits, maxHeaderBytes: text.length - 1 }), "incomplete");
  });

  it("refuses a target without end with 414", () => {
    assert.equal(outcome(`GET /${"a".repeat(60_000)} HTTP/1.1\r\n\r\n`), 414);
    assert.equal(outcome(`GET /${"a".repeat(20_000)}`), 414);
    assert.equal(outcome("a".repeat(20_000)), 414);
  });

  it("takes headers up to the limit of their count, and refuses more with 431", () => {
    const head = (count: number): string => `GET / HTTP/1.1\r\n${"a:b\r\n".repeat(count)}\r\n`;
    assert.equal(outcome(head(100)), "head");
    assert.equal(outcome(head(101)), 431);
    assert.equal(outcome(`${head(2000).slice(0, -2)}Upgrade: websocket\r\n\r\n`), 431);
    assert.equal(outcome("GET / HTTP/1.1\r\n\r\n", { ...limits, maxHeaderCount: 0 }), "head");
  });

  it("looks at each byte a constant number of times when a head comes byte by byte", () => {
    const text = `GET / HTTP/1.1\r\n${"X-Header: value\r\n".repeat(90)}\r\n`;
    const counted = countedBytes(Buffer.from(text));
    for (let end = 1; end < text.length; end++) {
      assert.equal(parseRequestHead(counted.bytes, 0, end, limits, end - 1).kind, "incomplete");
    }
    assert.equal(parseRequestHead(counted.bytes, 0, text.length, limits, text.length - 1).kind, "head");
    assert.ok(counted.reads() <= text.length * 6, `${counted.reads()} reads of ${text.length} bytes`);
  });

  it("gives the same result however the bytes are cut", () => {
    const piece = fc.constantFrom(
      ...[
        "GET / HTTP/1.1\r\n",
        "Host: a\r\n",
        "A:b\r\n",
        "\r\n",
        "\r",
        "\n",
        "a",
        " ",
        "\t",
        "\0",
        "HTTP/1.1",
        ":",
        "%",
      ],
    );
    const request = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
    const likely = fc
      .array(piece, { maxLength: 5 })
      .map((pieces) => `GET / HTTP/1.1\r\n${pieces.join("")}\r\n\r\n`);
    const small = fc.record({ maxHeaderBytes: fc.integer({ min: 10, max: 60 }), maxHeaderCount: fc.nat(3) });
    fc.assert(
      fc.property(fc.oneof(request, likely), small, fc.array(fc.nat(80)), (text, given, places) => {
        const bytes = Buffer.from(text, "latin1");
        const whole = parseRequestHead(bytes, 0, bytes.length, given);
        const cuts = places.filter((place) => place <= bytes.length).sort((a, b) => a - b);
        assert.deepEqual(parsePieces(bytes, cuts, given), whole);
        const each = Array.from({ length: bytes.length }, (_, index) => index);
        assert.deepEqual(parsePieces(bytes, each, given), whole);
      }),
      { numRuns: 1000 },
    );
  });

  it("never throws, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const parsed = parseRequestHead(Buffer.from(bytes), 0, bytes.length, limits);
        assert.ok(["incomplete", "head", "refused"].includes(parsed.kind));
      }),
    );
  });
});
