import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { Deferred } from "../../../src/internal/deferred.ts";
import type { ByteStream } from "../../../src/transport/byte-stream.ts";
import { dial } from "../../../src/transport/dial.ts";
import { DuplexStream } from "../../../src/transport/duplex-stream.ts";
import { HandleStream } from "../../../src/transport/handle-stream.ts";
import { portOf } from "../../support/port-of.ts";
import { RecordingReader } from "../../support/stream-contract.ts";
import { inTime, turns, waitFor } from "../../support/wait-for.ts";

const KINDS = { auto: HandleStream, portable: DuplexStream } as const;

interface Dialled {
  readonly stream: ByteStream;
  readonly reader: RecordingReader;
  readonly connected: Promise<void>;
}

for (const transport of ["auto", "portable"] as const) {
  const dialTo = (port: number, where: { address?: string; localAddress?: string } = {}): Dialled => {
    const reader = new RecordingReader();
    const connected = new Deferred();
    const target = { address: where.address ?? "127.0.0.1", port, localAddress: where.localAddress };
    const stream = dial(target, { transport, reader, onConnected: () => connected.resolve() });
    return { stream, reader, connected: connected.promise };
  };

  describe(`dial (${transport})`, () => {
    it("connects, and reads and writes from then on", async (t) => {
      const { port, peer } = await listen(t);
      const { stream, reader, connected } = dialTo(port);
      t.after(() => stream.destroy());
      assert.ok(stream instanceof KINDS[transport]);
      await inTime("the connection", connected);
      const socket = await peer;
      stream.write(Buffer.from("hello"));
      assert.equal(String((await once(socket, "data"))[0]), "hello");
      socket.end("welcome");
      await waitFor("the end", () => reader.events.includes("end"));
      assert.equal(reader.text, "welcome");
    });

    it("connects from an address, and to one of IPv6", async (t) => {
      const { port, peer } = await listen(t);
      const { stream } = dialTo(port, { localAddress: "127.0.0.9" });
      t.after(() => stream.destroy());
      assert.match((await peer).remoteAddress ?? "", /127\.0\.0\.9$/);
      const six = await listen(t, "::1");
      const other = dialTo(six.port, { address: "::1" });
      t.after(() => other.stream.destroy());
      await inTime("the connection", other.connected);
    });

    it("says why it can't", async (t) => {
      const { port, server } = await listen(t);
      server.close();
      await once(server, "close");
      const { reader } = dialTo(port);
      assert.deepEqual(reader.events, [], "not from within");
      await waitFor("the end", () => reader.events.length > 0);
      assert.deepEqual([reader.events, reader.error], [["closed"], "ECONNREFUSED"]);
      const nowhere = dialTo(port, { localAddress: "192.0.2.1" });
      await waitFor("the end", () => nowhere.reader.events.length > 0);
      assert.equal(nowhere.reader.error, "EADDRNOTAVAIL");
    });

    it("can be given up while it connects", async (t) => {
      const { port } = await listen(t);
      const { stream, reader, connected } = dialTo(port);
      let isConnected = false;
      void connected.then(() => {
        isConnected = true;
      });
      stream.destroy();
      await waitFor("the end", () => reader.events.length > 0);
      await turns(20);
      assert.deepEqual([reader.events, reader.error, isConnected], [["closed"], undefined, false]);
    });
  });
}

async function listen(
  t: TestContext,
  host?: string,
): Promise<{ port: number; server: Server; peer: Promise<Socket> }> {
  const server = createServer();
  const peer = new Promise<Socket>((resolve) => server.once("connection", resolve));
  const port = await portOf(server, host);
  t.after(() => server.close());
  return { port, server, peer };
}
