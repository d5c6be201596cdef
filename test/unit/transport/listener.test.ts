import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { describe, it, type TestContext } from "node:test";
import { connect as connectTls } from "node:tls";
import type { ByteStream } from "../../../src/transport/byte-stream.ts";
import { DuplexStream } from "../../../src/transport/duplex-stream.ts";
import { HandleStream } from "../../../src/transport/handle-stream.ts";
import { Listener, type ListenerOptions } from "../../../src/transport/listener.ts";
import { RecordingReader } from "../../support/stream-contract.ts";
import { tlsIdentity } from "../../support/tls-identity.ts";
import { inTime, waitFor } from "../../support/wait-for.ts";

interface Listening {
  readonly listener: Listener;
  readonly streams: ByteStream[];
}

function listening(t: TestContext, options: Partial<ListenerOptions> = {}): Listening {
  const streams: ByteStream[] = [];
  const listener = new Listener({
    tls: null,
    transport: "auto",
    handshakeTimeoutMs: 10_000,
    maxConnections: 100,
    onStream: (stream) => streams.push(stream),
    ...options,
  });
  t.after(async () => {
    await listener.close();
    for (const stream of streams) stream.destroy();
  });
  return { listener, streams };
}

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === "::1"),
);

describe("Listener", () => {
  for (const [transport, kind] of [
    ["auto", HandleStream],
    ["portable", DuplexStream],
  ] as const) {
    it(`accepts connections as streams, with the transport ${transport}`, async (t) => {
      const { listener, streams } = listening(t, { transport });
      await listener.listen("127.0.0.1", 0);
      const port = listener.addresses[0]?.port ?? 0;
      assert.ok(port > 0);
      const peer = connect(port, "127.0.0.1");
      await waitFor("a connection", () => streams.length === 1);
      assert.ok(streams[0] instanceof kind);
      const reader = new RecordingReader();
      streams[0].open(reader);
      peer.end("hello");
      await waitFor("what was sent", () => reader.text === "hello" && reader.events.includes("end"));
    });
  }

  it("listens on both loopback addresses, on one port, for localhost", { skip: !hasIpv6 }, async (t) => {
    const { listener, streams } = listening(t);
    await listener.listen("localhost", 0);
    assert.deepEqual(
      listener.addresses.map(({ address }) => address),
      ["127.0.0.1", "::1"],
    );
    const ports = new Set(listener.addresses.map(({ port }) => port));
    assert.equal(ports.size, 1);
    for (const host of ["127.0.0.1", "::1"]) connect([...ports][0] as number, host).on("error", () => {});
    await waitFor("both connections", () => streams.length === 2);
  });

  it("serves TLS, which is a portable stream", async (t) => {
    const { listener, streams } = listening(t, { tls: tlsIdentity });
    await listener.listen("127.0.0.1", 0);
    const port = listener.addresses[0]?.port ?? 0;
    const peer = connectTls({
      port,
      host: "127.0.0.1",
      ca: tlsIdentity.cert,
      ALPNProtocols: ["h2", "http/1.1"],
    });
    t.after(() => peer.destroy());
    await inTime("the handshake", once(peer, "secureConnect"));
    assert.equal(peer.alpnProtocol, "http/1.1");
    await waitFor("a connection", () => streams.length === 1);
    assert.equal(streams[0]?.encrypted, true);
    const reader = new RecordingReader();
    streams[0].open(reader);
    peer.write("secret");
    await waitFor("what was sent", () => reader.text === "secret");
  });

  it("drops what isn't TLS, and goes on", async (t) => {
    const { listener, streams } = listening(t, { tls: tlsIdentity });
    await listener.listen("127.0.0.1", 0);
    const port = listener.addresses[0]?.port ?? 0;
    const plain = connect(port, "127.0.0.1");
    plain.on("error", () => {});
    plain.write("GET / HTTP/1.1\r\n\r\n");
    plain.resume();
    await inTime("the end", once(plain, "close"));
    const peer = connectTls({ port, host: "127.0.0.1", ca: tlsIdentity.cert });
    t.after(() => peer.destroy());
    await waitFor("a connection", () => streams.length === 1);
  });

  it("says why it can't listen", async (t) => {
    const { listener } = listening(t);
    await listener.listen("127.0.0.1", 0);
    const port = listener.addresses[0]?.port ?? 0;
    await assert.rejects(listening(t).listener.listen("127.0.0.1", port), {
      code: "SLUICE_ADDRESS_IN_USE",
      message: new RegExp(`127\\.0\\.0\\.1:${port}`),
    });
    await assert.rejects(listening(t).listener.listen("192.0.2.1", 0), {
      code: "SLUICE_ADDRESS_UNAVAILABLE",
      message: /EADDRNOTAVAIL/,
    });
  });

  it("doesn't stay half open when one of localhost's addresses is taken", { skip: !hasIpv6 }, async (t) => {
    const { listener: other } = listening(t);
    await other.listen("::1", 0);
    const port = other.addresses[0]?.port ?? 0;
    const { listener } = listening(t);
    await assert.rejects(listener.listen("localhost", port), { code: "SLUICE_ADDRESS_IN_USE" });
    assert.deepEqual(listener.addresses, []);
    const again = listening(t);
    await again.listener.listen("127.0.0.1", port);
  });

  it("stops accepting when it closes, but leaves what was accepted", async (t) => {
    const { listener, streams } = listening(t);
    await listener.listen("127.0.0.1", 0);
    const port = listener.addresses[0]?.port ?? 0;
    const peer = connect(port, "127.0.0.1");
    await waitFor("a connection", () => streams.length === 1);
    const reader = new RecordingReader();
    streams[0]?.open(reader);
    await listener.close();
    assert.deepEqual(listener.addresses, []);
    const late = connect(port, "127.0.0.1");
    const [error] = (await inTime("a refusal", once(late, "error"))) as [NodeJS.ErrnoException];
    assert.equal(error.code, "ECONNREFUSED");
    peer.write("still here");
    await waitFor("what was sent", () => reader.text === "still here");
  });
});
