import assert from "node:assert/strict";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { createServer } from "../../src/index.ts";
import { parseExtensions } from "../../src/websocket/extension-header.ts";
import { parseSubprotocols } from "../../src/websocket/subprotocol-header.ts";
import { countCharacterReads } from "../support/counted-work.ts";
import { text } from "../support/decoder-harness.ts";
import type { HeaderChange } from "../support/handshake.ts";
import { handshakeBytes, RawPeer } from "../support/raw-peer.ts";
import { Target } from "../support/test-server.ts";

const OBJECT_KEYS = Object.getOwnPropertyNames(Object.prototype);

async function statusOf(target: Target, bytes: Buffer | string): Promise<number> {
  const peer = await target.ask(bytes);
  const { status } = await peer.response();
  if (status !== 101) await peer.ended();
  peer.destroy();
  return status;
}

function shakeHands(target: Target, headers: Record<string, HeaderChange>, path = "/"): Promise<number> {
  return statusOf(target, handshakeBytes({ headers, path }));
}

test("more headers than are kept are refused instead of losing the Upgrade (bad inputs 1.1)", async (t) => {
  const target = await Target.start(t);
  const many = Array.from({ length: 2000 }, () => "x: y\r\n").join("");
  const handshake = handshakeBytes().toString("latin1").split("\r\n").slice(1).join("\r\n");
  assert.equal(await statusOf(target, `GET / HTTP/1.1\r\n${many}${handshake}`), 431);
  const few = await Target.start(t, { limits: { maxHeaderCount: 6 } });
  assert.equal(await shakeHands(few, {}), 101);
  assert.equal(await shakeHands(few, { One: "1", Two: "2" }), 431);
  await target.isUnharmed();
  await few.isUnharmed();
});

test("an HTTP server that drops headers before us gets a refusal, not a crash (bad inputs 1.1)", async (t) => {
  const http = createHttpServer();
  http.maxHeadersCount = 5;
  const server = createServer({ server: http, handler: () => {} });
  await new Promise<void>((resolve) => {
    http.listen(0, "127.0.0.1", resolve);
  });
  t.after(async () => {
    await server.close({ drainMs: 100 });
    http.close();
  });
  const { port } = http.address() as AddressInfo;
  for (const count of [5, 100, 1000]) {
    const peer = await RawPeer.connect(port);
    const padding = "x: y\r\n".repeat(count);
    peer.write(handshakeBytes().toString("latin1").replace("\r\n", `\r\n${padding}`));
    const { status } = await peer.response();
    // Node keeps some more than it says, or answers 431 itself. What it keeps is judged as it is: all of it, or too little.
    assert.ok([101, 400, 431].includes(status), `${count} headers before: ${status}`);
    peer.destroy();
  }
});

test("each header of the handshake: absent, empty, twice, huge, not ASCII, odd case (bad inputs 1.2)", async (t) => {
  const target = await Target.start(t);
  const huge = "a".repeat(10 * 1024);
  const expected: Record<string, Record<string, [HeaderChange, number]>> = {
    Upgrade: {
      absent: [undefined, 400],
      empty: ["", 400],
      twice: [["websocket", "websocket"], 400],
      huge: [huge, 400],
      "not ASCII": ["websöcket", 400],
      "odd case": ["WebSocket", 101],
    },
    Connection: {
      absent: [undefined, 400],
      empty: ["", 400],
      twice: [["keep-alive", "UPGRADE"], 101],
      huge: [huge, 400],
      "not ASCII": ["üpgrade", 400],
    },
    "Sec-WebSocket-Key": {
      absent: [undefined, 400],
      empty: ["", 400],
      twice: [["dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ=="], 400],
      huge: [huge, 400],
      "not ASCII": ["ÄGhlIHNhbXBsZSBub25jZQ==", 400],
      "15 bytes": [Buffer.alloc(15).toString("base64"), 400],
      "17 bytes": [Buffer.alloc(17).toString("base64"), 400],
      "not canonical": ["dGhlIHNhbXBsZSBub25jZZ==", 400],
    },
    "Sec-WebSocket-Version": {
      absent: [undefined, 400],
      empty: ["", 400],
      twice: [["13", "13"], 400],
      huge: [huge, 426],
      "not ASCII": ["١٣", 426],
      other: ["8", 426],
    },
    Host: { absent: [undefined, 400], empty: ["", 400], twice: [["a", "b"], 400], huge: ["", 400] },
  };
  for (const [name, cases] of Object.entries(expected)) {
    for (const [how, [value, status]] of Object.entries(cases)) {
      assert.equal(await shakeHands(target, { [name]: value }), status, `${name}: ${how}`);
    }
  }
  assert.equal(target.server.stats().refused.malformed, 27);
  await target.isUnharmed();
});

test("another version and another method are told what is spoken here (bad inputs 1.2)", async (t) => {
  const target = await Target.start(t);
  const version = await target.ask(handshakeBytes({ headers: { "Sec-WebSocket-Version": "12" } }));
  const refusal = await version.response();
  assert.equal(refusal.status, 426);
  assert.equal(refusal.headers.get("sec-websocket-version"), "13");
  const post = await target.ask(handshakeBytes().toString("latin1").replace("GET", "POST"));
  const refused = await post.response();
  assert.equal(refused.status, 405);
  assert.equal(refused.headers.get("allow"), "GET");
  await version.ended();
  await post.ended();
  for (const peer of [version, post]) peer.destroy();
  await target.isUnharmed();
});

test("a subprotocol header full of blanks is read in linear time (bad inputs 1.3)", async (t) => {
  const reads = (blanks: number): number =>
    countCharacterReads(() => assert.equal(parseSubprotocols(`b${" ".repeat(blanks)}x`), undefined));
  const small = reads(1000);
  assert.ok(reads(4000) <= 5 * small, "four times as long, four times the work");
  assert.ok(reads(16_000) <= 20 * small);
  const target = await Target.start(t, { limits: { maxHeaderBytes: 65_536 } });
  assert.equal(await shakeHands(target, { "Sec-WebSocket-Protocol": `b${" ".repeat(32_000)}x` }), 400);
  await target.isUnharmed();
});

test("unclosed quotes and rows of backslashes are read in linear time (bad inputs 1.4)", async (t) => {
  for (const shape of [(n: number) => `a; b="${"\\c".repeat(n)}`, (n: number) => `a; b="${"\\".repeat(n)}`]) {
    const reads = (n: number): number =>
      countCharacterReads(() => assert.equal(parseExtensions(shape(n)), undefined));
    const small = reads(500);
    assert.ok(reads(2000) <= 5 * small);
    assert.ok(reads(8000) <= 20 * small);
  }
  const target = await Target.start(t, { compression: true });
  for (const value of [`a; b="${"\\c".repeat(5000)}`, 'a; b="', 'a; b="c', 'a; b="\\']) {
    assert.equal(await shakeHands(target, { "Sec-WebSocket-Extensions": value }), 400);
  }
  await target.isUnharmed();
});

test("extensions and parameters named as properties of every object are unknown ones (bad inputs 1.5)", async (t) => {
  const target = await Target.start(t, { compression: true });
  for (const key of OBJECT_KEYS) {
    const offers = [key, `permessage-deflate; ${key}`, `permessage-deflate; ${key}=1`, `x; ${key}; ${key}`];
    for (const offer of offers) {
      const peer = await target.ask(handshakeBytes({ headers: { "Sec-WebSocket-Extensions": offer } }));
      const { status, headers } = await peer.response();
      assert.equal(status, 101, offer);
      assert.equal(headers.has("sec-websocket-extensions"), false, `${offer} is not agreed to`);
      peer.destroy();
    }
  }
  for (const offer of ["a,;constructor", ",", ";", "a;;b", "a;b=", "a b", "a;=b"]) {
    assert.equal(await shakeHands(target, { "Sec-WebSocket-Extensions": offer }), 400, offer);
  }
  await target.isUnharmed();
});

test("window bits outside 8 to 15 are declined, and zlib never sees them (bad inputs 1.6)", async (t) => {
  const target = await Target.start(t, {
    compression: { clientNoContextTakeover: false, serverNoContextTakeover: false, thresholdBytes: 0 },
  });
  const agreed = async (offer: string): Promise<string | undefined> => {
    const peer = await target.ask(handshakeBytes({ headers: { "Sec-WebSocket-Extensions": offer } }));
    const { status, headers } = await peer.response();
    assert.equal(status, 101, offer);
    // Whatever was agreed to has to work: the answer goes through a deflater made with it.
    peer.write(text("x".repeat(100)));
    const answer = await peer.frame();
    assert.equal(answer?.opcode, 1);
    assert.equal(answer?.rsv1, headers.has("sec-websocket-extensions"));
    peer.destroy();
    return headers.get("sec-websocket-extensions");
  };
  const values = [...Array(21).keys()].map(String);
  for (const side of ["server", "client"]) {
    for (const value of [...values, "99", "-1", "1e1", "08", "0x9", '"10"', '"7"', "aa"]) {
      const header = await agreed(`permessage-deflate; ${side}_max_window_bits=${value}`);
      const bits = Number(value.replaceAll('"', ""));
      const isWritten = /^"?[1-9]\d?"?$/.test(value);
      const least = side === "server" ? 9 : 8;
      const isFine = isWritten && bits >= least && bits <= 15;
      assert.equal(header, isFine ? `permessage-deflate; ${side}_max_window_bits=${bits}` : undefined, value);
    }
  }
  assert.equal(await agreed("permessage-deflate; server_max_window_bits"), undefined);
  assert.equal(
    await agreed(
      "permessage-deflate; server_max_window_bits=8, permessage-deflate; server_max_window_bits=10",
    ),
    "permessage-deflate; server_max_window_bits=10",
  );
  await target.isUnharmed();
});

test("subprotocols: too many, twice, not tokens; the answer is ours byte for byte (bad inputs 1.7)", async (t) => {
  const target = await Target.start(t, { subprotocols: ["chat"] });
  const refusals = [
    Array.from({ length: 1000 }, (_, index) => `p${index}`).join(", "),
    "chat, chat",
    "chat, su(per",
    "chat; x",
    '"chat"',
    "",
    "chat,",
    ",",
    "ch\u00e4t",
  ];
  for (const value of refusals) {
    assert.equal(await shakeHands(target, { "Sec-WebSocket-Protocol": value }), 400, value.slice(0, 40));
  }
  assert.equal(await shakeHands(target, { "Sec-WebSocket-Protocol": "chat\rSet-Cookie: a=b" }), 400);
  // A line feed ends the header: what follows is a header of its own, and none of ours.
  const split = await target.ask(
    handshakeBytes({ headers: { "Sec-WebSocket-Protocol": "chat\r\nSet-Cookie: a=b" } }),
  );
  const accepted = await split.response();
  assert.equal(
    accepted.head,
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat",
  );
  split.destroy();
  const unknown = await target.ask(handshakeBytes({ headers: { "Sec-WebSocket-Protocol": "CHAT, other" } }));
  assert.equal((await unknown.response()).headers.has("sec-websocket-protocol"), false);
  unknown.destroy();
  await target.isUnharmed();
});

const TARGETS: [target: string, upgrade: number, plain: number][] = [
  ["//", 404, 404],
  ["//evil/p", 404, 404],
  ["/%", 404, 404],
  ["/files/%zz", 404, 404],
  ["/files/%", 404, 404],
  ["/files/%c3%28", 404, 404],
  ["/files/%2e%2e%2f", 101, 426],
  ["/files/..", 101, 426],
  ["http://evil/canary", 400, 404],
  ["*", 400, 404],
  ["canary", 400, 400],
  ["/#fragment", 400, 404],
  ["/ä", 400, 400],
  ["/\t", 400, 400],
  ["", 400, 400],
];

test("odd request targets get an answer, from the upgrade and from plain HTTP (bad inputs 1.8)", async (t) => {
  const target = await Target.start(t, { routes: { "/files/:name": () => {} }, handler: undefined as never });
  for (const [path, upgrade, plain] of TARGETS) {
    assert.equal(await shakeHands(target, {}, path), upgrade, `upgrade of ${path}`);
    const request = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
    assert.equal(await statusOf(target, Buffer.from(request, "latin1")), plain, `GET ${path}`);
  }
  assert.equal(await shakeHands(target, {}, `/${"a".repeat(60 * 1024)}`), 414);
  await target.isUnharmed();
});

test("an http handler that throws over a target ends that request only (bad inputs 1.8)", async (t) => {
  const target = await Target.start(t, {
    http: (request, response) => {
      response.end(new URL(request.url ?? "", "http://localhost").pathname);
    },
  });
  const bad = await target.ask("GET // HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const { status, body } = await bad.response();
  assert.equal(status, 500);
  assert.equal(body.includes("Invalid URL"), false, "nothing of the error is told");
  await bad.ended();
  bad.destroy();
  const good = await target.ask("GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  assert.equal((await good.response()).status, 200);
  assert.equal(target.errors.length, 1);
  await target.isUnharmed();
});

test("an http handler that rejects ends that request only (bad inputs 1.8)", async (t) => {
  const target = await Target.start(t, {
    http: async (_request, response) => {
      response.write("half");
      await Promise.reject(new Error("no"));
    },
  });
  const peer = await target.ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await peer.ended();
  assert.equal(target.errors.length, 1);
  await target.isUnharmed();
});

test("headers and queries named __proto__ pollute nothing; credentials come once (bad inputs 1.9)", async (t) => {
  const seen: (string | undefined)[] = [];
  const target = await Target.start(t, {
    authenticate: (request) => {
      seen.push(request.header("__proto__"), request.header("constructor"), request.query.slice(0, 20));
      return undefined;
    },
  });
  const query = `?__proto__[x]=1&${Array.from({ length: 1000 }, (_, index) => `p${index}=1`).join("&")}`;
  assert.equal(await shakeHands(target, { ["__proto__"]: "polluted" }, `/${query}`), 101);
  const bytes = handshakeBytes({ path: `/${query}`, headers: { Marker: "1" } }).toString("latin1");
  assert.equal(await statusOf(target, bytes.replace("Marker", "__proto__")), 101);
  assert.equal(({} as { x?: unknown }).x, undefined);
  assert.deepEqual(seen.slice(-3), ["1", undefined, "__proto__[x]=1&p0=1&"]);
  for (const name of ["Authorization", "Origin"]) {
    assert.equal(await shakeHands(target, { [name]: ["Bearer a", "Bearer b"] }), 400);
  }
  const plain = await target.ask(
    "GET / HTTP/1.1\r\nHost: localhost\r\n__proto__: x\r\n__proto__: y\r\nConnection: close\r\n\r\n",
  );
  assert.equal((await plain.response()).status, 426);
  plain.destroy();
  await target.isUnharmed();
});
