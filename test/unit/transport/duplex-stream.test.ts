import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { describe, it } from "node:test";
import { DuplexStream } from "../../../src/transport/duplex-stream.ts";
import { portOf } from "../../support/port-of.ts";
import { RecordingReader, streamContract } from "../../support/stream-contract.ts";
import { waitFor } from "../../support/wait-for.ts";

streamContract("DuplexStream", async () => {
  const server = createServer({ allowHalfOpen: true });
  const port = await portOf(server);
  return {
    port,
    next: async () => new DuplexStream((await once(server, "connection"))[0] as Socket),
    close: () => void server.close(),
  };
});

/** Both ends of a connection that is no socket. */
function duplexPair(): [Duplex, Duplex] {
  const ends: Duplex[] = [0, 1].map(
    (at) =>
      new Duplex({
        read() {},
        write: (chunk, _encoding, done) => {
          setImmediate(() => {
            ends[1 - at]?.push(chunk);
            done();
          });
        },
        final: (done) => {
          ends[1 - at]?.push(null);
          done();
        },
      }),
  );
  return ends as [Duplex, Duplex];
}

describe("DuplexStream", () => {
  it("works on any Duplex, which has no address", async () => {
    const [here, there] = duplexPair();
    const stream = new DuplexStream(here);
    const reader = new RecordingReader();
    stream.open(reader);
    assert.deepEqual([stream.remoteAddress, stream.remotePort, stream.encrypted], ["", 0, false]);
    there.write("in");
    await waitFor("what came in", () => reader.text === "in");
    let text = "";
    there.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    assert.equal(stream.write(Buffer.from("out")), false, "it isn't taken at once");
    assert.equal(stream.pendingBytes, 3);
    await waitFor("word of it", () => reader.events.includes("written"));
    assert.equal(text, "out");
    assert.equal(stream.pendingBytes, 0);
  });

  it("takes an error before anybody reads: it must not end the process", async () => {
    const [here] = duplexPair();
    const stream = new DuplexStream(here);
    here.destroy(new Error("reset"));
    const reader = new RecordingReader();
    stream.open(reader);
    await waitFor("the end", () => reader.events.includes("closed"));
  });
});
