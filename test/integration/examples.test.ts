import assert from "node:assert/strict";
import { scryptSync } from "node:crypto";
import { request } from "node:https";
import { describe, it } from "node:test";
import { Program } from "../support/program.ts";
import { RawPeer, textFrame } from "../support/raw-peer.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { tlsIdentity } from "../support/tls-identity.ts";
import { waitFor } from "../support/wait-for.ts";

const anyPort = { PORT: "0" };

describe("the examples", () => {
  it("echo.ts answers", async (t) => {
    const { port } = await Program.start(t, ["examples/echo.ts"], anyPort);
    const peer = await RawPeer.open(port);
    peer.write(textFrame("hello"));
    assert.equal(await peer.text(), "Received: hello");
  });

  it("chat.ts has rooms with members, and lets nobody in without a name", async (t) => {
    const { port } = await Program.start(t, ["examples/chat.ts"], anyPort);
    const nobody = await RawPeer.connect(port);
    nobody.write(
      "GET /rooms/tea HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
    );
    nobody.write("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n");
    assert.equal((await nobody.response()).status, 401);

    const ada = await RawPeer.open(port, { path: "/rooms/tea?name=Ada" });
    assert.equal(await ada.text(), "Ada is here; we are 1");
    const elsewhere = await RawPeer.open(port, { path: "/rooms/coffee?name=Bob" });
    assert.equal(await elsewhere.text(), "Bob is here; we are 1");
    const eve = await RawPeer.open(port, { path: "/rooms/tea?name=Eve" });
    assert.equal(await eve.text(), "Eve is here; we are 2");
    eve.write(textFrame("sugar?"));
    eve.destroy();
    assert.equal(await ada.text(), "Eve is here; we are 2");
    assert.equal(await ada.text(), "Eve: sugar?");
    assert.equal(await ada.text(), "Eve has left");
  });

  it("slow-consumers.ts drops and closes as its policies say", async (t) => {
    const program = await Program.start(t, ["examples/slow-consumers.ts"], anyPort);
    const reader = await RawPeer.open(program.port, { path: "/latest" });
    const slow = await Promise.all(
      ["/latest", "/newest", "/all-or-nothing"].map((path) => RawPeer.open(program.port, { path })),
    );
    for (const peer of slow) peer.pause();
    for (const line of [
      "/latest: dropped ",
      "/newest: dropped ",
      "/all-or-nothing: closed with 1013 slow consumer",
    ])
      await waitFor(line, () => program.output.includes(line), 60_000);
    assert.match(await reader.text(), /^\d+ key \d x+$/);
    for (const peer of [reader, ...slow]) peer.destroy();
  });

  it("workers.ts hashes in threads, and goes on after an error", async (t) => {
    const { port } = await Program.start(t, ["examples/workers.ts"], anyPort);
    const peer = await RawPeer.open(port);
    peer.write(textFrame(""));
    assert.equal(await peer.text(), "failed: EMPTY");
    peer.write(textFrame("secret"));
    assert.equal(await peer.text(), scryptSync("secret", "salt", 32).toString("hex"));
  });

  it("chat-with-database.ts shows what was said before", async (t) => {
    const { port } = await Program.start(t, ["examples/chat-with-database.ts"], anyPort);
    const ada = await RawPeer.open(port);
    ada.write(textFrame("hello"));
    assert.equal(await ada.text(), "1 hello");
    const eve = await RawPeer.open(port);
    assert.equal(await eve.text(), "1 hello");
    eve.write(textFrame("hi"));
    for (const peer of [ada, eve]) assert.equal(await peer.text(), "2 hi");
  });

  it("http-and-tls.ts serves a page and a WebSocket on one port", async (t) => {
    const folder = new TemporaryFolder();
    t.after(() => folder.remove());
    const { port } = await Program.start(t, ["examples/http-and-tls.ts"], {
      ...anyPort,
      TLS_KEY: folder.write("key.pem", tlsIdentity.key),
      TLS_CERT: folder.write("cert.pem", tlsIdentity.cert),
    });
    assert.match(await page(port), /^GET \/: the time is at \/time/);
    const peer = await RawPeer.open(port, { host: "localhost", path: "/time", tls: true });
    peer.write(textFrame("now?"));
    assert.match(await peer.text(), /^\d{4}-\d\d-\d\dT/);
  });
});

async function page(port: number): Promise<string> {
  const response = await new Promise<AsyncIterable<Buffer>>((resolve, reject) => {
    request({ port, host: "localhost", rejectUnauthorized: false, agent: false }, resolve)
      .on("error", reject)
      .end();
  });
  let body = "";
  for await (const chunk of response) body += chunk.toString();
  return body;
}
