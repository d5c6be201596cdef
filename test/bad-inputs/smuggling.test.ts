import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { test } from "node:test";
import { type HandshakeRequest, refuse } from "../../src/index.ts";
import { text } from "../support/decoder-harness.ts";
import type { HeaderChange } from "../support/handshake.ts";
import { handshakeBytes } from "../support/raw-peer.ts";
import { Target } from "../support/test-server.ts";

const ADMIN = "GET /admin HTTP/1.1\r\nHost: localhost\r\n\r\n";

const http = (request: IncomingMessage, response: ServerResponse): void => {
  response.end(`plain ${request.url}`);
};

/** Sends bytes, and says how every request in them was answered. The connection must come to an end. */
async function statuses(target: Target, bytes: string | Buffer): Promise<number[]> {
  const peer = await target.ask(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  const all: number[] = [];
  for (;;) {
    const response = await peer.responseIfAny();
    if (response === undefined) break;
    all.push(response.status);
  }
  assert.equal(peer.rest.length, 0, "nothing but whole responses");
  peer.destroy();
  return all;
}

function handshake(headers: Record<string, HeaderChange>): string {
  return handshakeBytes({ headers }).toString("latin1");
}

test("after a refused upgrade, nothing on that socket is a request (bad inputs 1.14)", async (t) => {
  const target = await Target.start(t, { http, origins: [] });
  const refused: [Record<string, HeaderChange>, number][] = [
    [{ "Sec-WebSocket-Version": "1337" }, 426],
    [{ "Sec-WebSocket-Key": undefined }, 400],
    [{ "Sec-WebSocket-Key": "short" }, 400],
    [{ Connection: "keep-alive" }, 400],
    [{ Upgrade: undefined }, 400],
    [{ Origin: "https://evil.example" }, 403],
  ];
  for (const [headers, status] of refused) {
    assert.deepEqual(await statuses(target, handshake(headers) + ADMIN), [status]);
    const peer = await target.ask(handshake(headers));
    const response = await peer.response();
    assert.equal(response.headers.get("connection"), "close");
    peer.write(ADMIN);
    await peer.ended();
    assert.equal(peer.rest.length, 0);
    peer.destroy();
  }
  await target.isUnharmed();
});

test("a refused upgrade on a connection kept alive is its last request (bad inputs 1.14)", async (t) => {
  const target = await Target.start(t, { http });
  const first = "GET /first HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const bad = handshake({ "Sec-WebSocket-Version": "1337" });
  assert.deepEqual(await statuses(target, first + bad + ADMIN), [200, 426]);
  await target.isUnharmed();
});

test("an upgrade on a connection kept alive is one connection as any other (bad inputs 1.14)", async (t) => {
  const target = await Target.start(t, {
    http,
    limits: { maxConnections: 2, handshakeTimeoutMs: 100 },
    keepalive: { pingIntervalMs: null, idleTimeoutMs: null },
  });
  const peer = await target.ask("GET /first HTTP/1.1\r\nHost: localhost\r\n\r\n");
  assert.equal((await peer.response()).body, "plain /first");
  peer.write(Buffer.concat([handshakeBytes(), text("glued")]));
  assert.equal((await peer.response()).status, 101);
  assert.equal(await peer.text(), "glued");
  // It has left the limits of plain HTTP behind: silent for longer than those allow, it is still there.
  assert.equal(peer.socket.timeout ?? 0, 0);
  const until = performance.now() + 600;
  while (performance.now() < until) await target.canary.sings();
  peer.write(text("still here"));
  assert.equal(await peer.text(), "still here");
  peer.destroy();
  await target.isUnharmed();
  const again = await target.open();
  again.destroy();
  await target.isUnharmed();
});

test("an upgrade with a body, or with what could be one, is refused (bad inputs 1.15)", async (t) => {
  const target = await Target.start(t, { http });
  const matrix: Record<string, HeaderChange>[] = [
    { "Content-Length": "5" },
    { "Content-Length": ["0", "5"] },
    { "Content-Length": "+0" },
    { "Content-Length": "0x0" },
    { "Transfer-Encoding": "chunked" },
    { "Transfer-Encoding": "identity" },
    { "Transfer-Encoding": "chunked", "Content-Length": "5" },
    { "Transfer-Encoding ": "chunked" },
    { "Content-Length ": "5" },
    { Folded: "a\r\n b" },
    { " Leading": "blank" },
    { "X\tY": "tab in the name" },
    { Null: "a\0b" },
    { Bell: "a\x07b" },
    { "": "no name" },
  ];
  for (const headers of matrix) {
    const bytes = handshake(headers);
    assert.deepEqual(await statuses(target, `${bytes}hello${ADMIN}`), [400], JSON.stringify(headers));
  }
  const good = handshake({});
  const lines: string[] = [
    good.replaceAll("\r\n", "\n"),
    good.replace("\r\n", "\n"),
    good.replace(/\r\n\r\n$/, "\n\n"),
    good.replace("\r\nHost", "\rHost"),
    good.replace("\r\nUpgrade", "\r\r\nUpgrade"),
    good.replace("Host: ", "Host "),
    good.replace("GET / HTTP/1.1", "GET  / HTTP/1.1"),
    good.replace("GET / HTTP/1.1", "GET / HTTP/1.1 "),
    good.replace("GET / HTTP/1.1", "GET /\tHTTP/1.1"),
    `\r\n${good}`,
  ];
  for (const bytes of lines) {
    assert.deepEqual(await statuses(target, bytes + ADMIN), [400], JSON.stringify(bytes.slice(0, 40)));
  }
  const bodiless = await target.open({ headers: { "Content-Length": "0" } });
  bodiless.destroy();
  await target.isUnharmed();
});

test("plain HTTP that could be read in two ways is refused, and one response is all (bad inputs 1.15)", async (t) => {
  const target = await Target.start(t, { http });
  const bodies = [
    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "X: a\r\n b\r\n\r\n",
    "X: a\nY: b\r\n\r\n",
  ];
  for (const body of bodies) {
    const all = await statuses(target, `POST / HTTP/1.1\r\nHost: localhost\r\n${body}${ADMIN}`);
    // Node takes an unknown transfer coding for a body up to the end of the connection.
    assert.deepEqual(all, [body.includes("xchunked") ? 200 : 400], JSON.stringify(body));
  }
  await target.isUnharmed();
});

test("other upgrades and protocols get an answer and a closed socket, none hangs (bad inputs 1.16)", async (t) => {
  const target = await Target.start(t, { http });
  const h2Settings = "AAMAAABkAAQAoAAAAAIAAAAA";
  const cases: [string, number][] = [
    [handshake({ Upgrade: "h2c", Connection: "Upgrade, HTTP2-Settings", "HTTP2-Settings": h2Settings }), 400],
    ["GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", 400],
    [handshake({ Upgrade: "foo, websocket" }), 400],
    [handshake({ Upgrade: "websocket, h2c" }), 400],
    [handshake({ Upgrade: "websocket/13" }), 400],
    [handshake({ Expect: "100-continue" }), 417],
    ["CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n", 405],
    ["CONNECT / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405],
    [handshake({}).replace("HTTP/1.1", "HTTP/1.0"), 400],
    [handshake({}).replace("HTTP/1.1", "HTTP/2.0"), 505],
    [handshake({}).replace("HTTP/1.1", "HTTP/0.9"), 505],
    [handshake({}).replace("HTTP/1.1", "http/1.1"), 400],
    [handshake({}).replace("GET", "get"), 405],
    [handshake({}).replace("GET", "OPTIONS"), 405],
    ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505],
    ["\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400],
    ["SSH-2.0-OpenSSH_9.6\r\n\r\n", 400],
    ["\0\0\0\0", 400],
  ];
  for (const [bytes, status] of cases) {
    assert.deepEqual(await statuses(target, bytes), [status], JSON.stringify(bytes.slice(0, 60)));
  }
  await target.isUnharmed();
});

test("CONNECT and h2c after a plain request get an answer or a closed socket (bad inputs 1.16)", async (t) => {
  const target = await Target.start(t, { http });
  const first = "GET /first HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const h2c = handshake({ Upgrade: "h2c" });
  assert.deepEqual(await statuses(target, first + h2c), [200, 400]);
  assert.deepEqual(await statuses(target, `${first}CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n`), [200]);
  const slow = await target.ask(
    `${first}POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n`,
  );
  assert.equal((await slow.response()).status, 200);
  assert.ok([100, 200].includes((await slow.response()).status));
  slow.destroy();
  await target.isUnharmed();
});

test("a refusal that would split its response is 500, and reported (bad inputs 1.7)", async (t) => {
  const answer = (request: HandshakeRequest): ReturnType<typeof refuse> =>
    request.query === "status" ? refuse(200) : refuse(302, "", { Location: "/\r\nSet-Cookie: a=b" });
  const target = await Target.start(t, {
    routes: {
      "/now": { handler: () => {}, authenticate: answer },
      "/later": { handler: () => {}, authenticate: async (request) => answer(request) },
    },
  });
  for (const path of ["/now", "/later", "/now?status", "/later?status"]) {
    assert.deepEqual(await statuses(target, handshakeBytes({ path })), [500], path);
  }
  assert.equal(target.errors.length, 4);
  await target.isUnharmed();
});
