import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { handshakeBytes, type RawPeer } from "../support/raw-peer.ts";
import { Target } from "../support/test-server.ts";
import { turns, waitFor } from "../support/wait-for.ts";

const CHUNK = Buffer.concat([Buffer.from("10000\r\n"), Buffer.alloc(0x10000, "x"), Buffer.from("\r\n")]);

/** Sends chunks of a body for as long as they are taken. @returns how many bytes were. */
async function pour(peer: RawPeer): Promise<number> {
  let sent = 0;
  while (!peer.socket.destroyed) {
    await Promise.race([peer.written(CHUNK), peer.gone]);
    await turns(1);
    sent += CHUNK.length;
  }
  return sent;
}

test("a body without end is not waited for where nobody reads it (bad inputs 1.23)", async (t) => {
  const target = await Target.start(t, { limits: { handshakeTimeoutMs: 60_000 } });
  for (const path of ["/", "/canary"]) {
    const peer = await target.ask(`POST ${path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`);
    peer.write(CHUNK);
    const { status, headers } = await peer.response();
    assert.equal(status, 426);
    assert.equal(headers.get("connection"), "close");
    await pour(peer);
    await target.isUnharmed();
  }
  const announced = await target.ask(
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9007199254740991\r\n\r\n",
  );
  assert.equal((await announced.response()).status, 426);
  await announced.ended();
  announced.destroy();
  await target.isUnharmed();
});

test("a body that the http handler doesn't read ends with its time, and is kept nowhere (bad inputs 1.23)", async (t) => {
  const target = await Target.start(t, {
    limits: { handshakeTimeoutMs: 200 },
    http: (_request, response) => {
      response.end("not read");
    },
  });
  const bomb = gzipSync(Buffer.alloc(1024 * 1024));
  const peers = [
    await target.ask("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"),
    await target.ask(
      Buffer.concat([
        Buffer.from(
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
        ),
        Buffer.from(`${bomb.length.toString(16)}\r\n`),
        bomb,
        Buffer.from("\r\n"),
      ]),
    ),
  ];
  const before = process.memoryUsage().external;
  for (const peer of peers) assert.equal((await peer.response()).body, "not read");
  const sent = await Promise.all(peers.map(pour));
  assert.ok(process.memoryUsage().external - before < 64 * 1024 * 1024, `${sent.join()} bytes were sent`);
  for (const peer of peers) peer.destroy();
  await target.isUnharmed();
});

test("connections that are kept alive are closed after a while, and don't stop others (bad inputs 1.23)", async (t) => {
  const target = await Target.start(t, { limits: { handshakeTimeoutMs: 200 } });
  const idle = await Promise.all(
    Array.from({ length: 50 }, () => target.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n")),
  );
  for (const peer of idle) assert.equal((await peer.response()).status, 426);
  await target.canary.sings();
  for (const peer of idle) await peer.ended();
  for (const peer of idle) peer.destroy();
  await target.isUnharmed();
});

test("requests in one write after the other are answered in order, and an upgrade is the last (bad inputs 1.23)", async (t) => {
  const target = await Target.start(t, { http: (request, response) => void response.end(request.url) });
  const requests = Array.from({ length: 30 }, (_, index) => `GET /${index} HTTP/1.1\r\nHost: a\r\n\r\n`);
  const peer = await target.ask(Buffer.concat([Buffer.from(requests.join("")), handshakeBytes()]));
  for (let index = 0; index < 30; index++) assert.equal((await peer.response()).body, `/${index}`);
  assert.equal((await peer.response()).status, 101);
  peer.destroy();
  await waitFor("it to be gone", () => target.server.connections.size === 1);
  await target.isUnharmed();
});
