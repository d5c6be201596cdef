import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";
import type { ByteStream, StreamReader } from "../../src/transport/byte-stream.ts";
import { inTime, turns, waitFor } from "./wait-for.ts";

/** Accepts connections as streams of one kind. */
export interface StreamServer {
  readonly port: number;
  /** The stream of the next connection. */
  next(): Promise<ByteStream>;
  close(): void;
}

/** Both ends of a connection. */
interface Pair {
  readonly stream: ByteStream;
  readonly reader: RecordingReader;
  readonly peer: Socket;
}

/** Notes what a stream tells of. */
export class RecordingReader implements StreamReader {
  readonly received: Buffer[] = [];
  readonly events: string[] = [];
  /** What it was closed for. */
  error: string | undefined;

  get text(): string {
    return Buffer.concat(this.received).toString("latin1");
  }

  onBytes(chunk: Buffer, start: number, end: number): void {
    this.received.push(Buffer.from(chunk.subarray(start, end)));
    // Whoever reads may change the bytes, and does.
    chunk.fill(0, start, end);
  }

  onWritten(): void {
    this.events.push("written");
  }

  onEnd(): void {
    this.events.push("end");
  }

  onClosed(error?: string): void {
    this.events.push("closed");
    this.error = error;
  }
}

const MEGABYTE = 1_048_576;

/** What every byte stream must do, on real sockets. */
export function streamContract(name: string, serve: () => Promise<StreamServer>): void {
  async function pair(t: TestContext, shares = true): Promise<Pair> {
    const server = await serve();
    const peer = connect({ port: server.port, host: "127.0.0.1", allowHalfOpen: true });
    peer.on("error", () => {});
    t.after(() => {
      peer.destroy();
      server.close();
    });
    const [stream] = await inTime("a connection", Promise.all([server.next(), once(peer, "connect")]));
    t.after(() => stream.destroy());
    const reader = new RecordingReader();
    if (shares) stream.shareReceiveBuffer();
    stream.open(reader);
    return { stream, reader, peer };
  }

  describe(`${name}, as a byte stream`, () => {
    for (const shares of [false, true]) {
      it(`reads what comes${shares ? ", into a buffer that others use too" : ""}`, async (t) => {
        const { reader, peer } = await pair(t, shares);
        peer.write("hello");
        await waitFor("the first bytes", () => reader.text === "hello");
        peer.write("x".repeat(300_000));
        await waitFor("many bytes", () => reader.text.length === 300_005);
        assert.equal(reader.text, `hello${"x".repeat(300_000)}`);
      });
    }

    it("reads for several connections in turns without mixing them up", async (t) => {
      const pairs = [await pair(t), await pair(t), await pair(t)];
      for (let count = 0; count < 50; count++) {
        for (const [at, { peer }] of pairs.entries()) peer.write(`${at}`.repeat(100));
        await turns(1);
      }
      for (const [at, { reader }] of pairs.entries()) {
        await waitFor("all bytes", () => reader.text.length === 5_000);
        assert.equal(reader.text, `${at}`.repeat(5_000));
      }
    });

    it("stops reading, and goes on", async (t) => {
      const { stream, reader, peer } = await pair(t);
      peer.write("1");
      await waitFor("the first byte", () => reader.text === "1");
      stream.pause();
      stream.pause();
      await new Promise((resolve) => peer.write("2", resolve));
      await turns(20);
      assert.equal(reader.text, "1");
      stream.resume();
      stream.resume();
      await waitFor("the second byte", () => reader.text === "12");
    });

    it("stops reading from within a read", async (t) => {
      const { stream, reader, peer } = await pair(t);
      const { onBytes } = reader;
      reader.onBytes = (chunk, start, end): void => {
        onBytes.call(reader, chunk, start, end);
        stream.pause();
      };
      await new Promise((resolve) => peer.write("x".repeat(MEGABYTE), resolve));
      await waitFor("a read", () => reader.received.length > 0);
      await turns(20);
      assert.equal(reader.received.length, 1);
    });

    it("hands on to another reader", async (t) => {
      const { stream, reader, peer } = await pair(t);
      peer.write("1");
      await waitFor("the first byte", () => reader.text === "1");
      const other = new RecordingReader();
      stream.open(other);
      peer.write("2");
      await waitFor("the second byte", () => other.text === "2");
      stream.destroy();
      await waitFor("the end", () => other.events.includes("closed"));
      assert.deepEqual(reader.events, []);
    });

    it("writes, and says that the kernel has taken it", async (t) => {
      const { stream, peer } = await pair(t);
      const received: Buffer[] = [];
      peer.on("data", (chunk: Buffer) => received.push(chunk));
      assert.equal(stream.write(Buffer.from("one ")), true);
      assert.equal(stream.writeAll([Buffer.from("two "), Buffer.from("three")]), true);
      assert.equal(stream.pendingBytes, 0);
      await waitFor("all of it", () => Buffer.concat(received).toString() === "one two three");
    });

    it("says so when the kernel takes no more, and when it has", async (t) => {
      const { stream, reader, peer } = await pair(t);
      const large = Buffer.alloc(32 * MEGABYTE, "abcdefg");
      assert.equal(stream.write(large), false);
      assert.ok(stream.pendingBytes > 0);
      assert.deepEqual(reader.events, []);
      let received = 0;
      let isSame = true;
      peer.on("data", (chunk: Buffer) => {
        isSame &&= chunk.equals(large.subarray(received, received + chunk.length));
        received += chunk.length;
      });
      await waitFor("all bytes", () => received === large.length);
      await waitFor("word of it", () => reader.events.includes("written"));
      assert.equal(isSame, true);
      assert.equal(stream.pendingBytes, 0);
      assert.deepEqual(reader.events, ["written"]);
      assert.equal(stream.write(Buffer.from("more")), true);
    });

    it("says so once for several chunks", async (t) => {
      const { stream, reader, peer } = await pair(t);
      const chunks = ["a", "b", "c", "d"].map((letter) => Buffer.alloc(8 * MEGABYTE, letter));
      assert.equal(stream.writeAll(chunks), false);
      let received = 0;
      const letters = new Set<string>();
      peer.on("data", (chunk: Buffer) => {
        received += chunk.length;
        letters.add(String.fromCharCode(chunk[0] as number));
      });
      await waitFor("all bytes", () => received === 32 * MEGABYTE);
      await waitFor("word of it", () => reader.events.length > 0);
      await turns(5);
      assert.deepEqual(reader.events, ["written"]);
      assert.deepEqual([...letters], ["a", "b", "c", "d"]);
    });

    it("keeps what is written meanwhile in order", async (t) => {
      const { stream, peer } = await pair(t);
      const letters = ["a", "b", "c"];
      for (const letter of letters) assert.equal(stream.write(Buffer.alloc(8 * MEGABYTE, letter)), false);
      assert.ok(stream.pendingBytes > 16 * MEGABYTE);
      const received: Buffer[] = [];
      peer.on("data", (chunk: Buffer) => received.push(chunk));
      await waitFor("nothing to be pending", () => stream.pendingBytes === 0);
      stream.end();
      await inTime("the end", once(peer, "end"));
      const expected = Buffer.concat(letters.map((letter) => Buffer.alloc(8 * MEGABYTE, letter)));
      assert.ok(Buffer.concat(received).equals(expected));
    });

    it("tells of the peer's end, and can still write", async (t) => {
      const { stream, reader, peer } = await pair(t);
      const answer = once(peer, "data");
      peer.end("last words");
      await waitFor("the end", () => reader.events.includes("end"));
      assert.equal(reader.text, "last words");
      stream.write(Buffer.from("answer"));
      assert.equal(String((await inTime("the answer", answer))[0]), "answer");
    });

    it("ends after what was written", async (t) => {
      const { stream, peer } = await pair(t);
      const large = Buffer.alloc(8 * MEGABYTE, "z");
      stream.write(large);
      stream.end();
      let received = 0;
      peer.on("data", (chunk: Buffer) => {
        received += chunk.length;
      });
      await inTime("the end", once(peer, "end"));
      assert.equal(received, large.length);
    });

    it("is gone when it is destroyed, and says so once, after all else", async (t) => {
      const { stream, reader, peer } = await pair(t);
      const gone = once(peer, "close");
      peer.resume();
      stream.destroy();
      stream.destroy();
      assert.deepEqual(reader.events, [], "not from within");
      await waitFor("the end", () => reader.events.length > 0);
      assert.deepEqual(reader.events, ["closed"]);
      assert.equal(stream.write(Buffer.from("x")), false);
      assert.equal(stream.writeAll([Buffer.from("x")]), false);
      assert.equal(stream.pendingBytes, 0);
      stream.pause();
      stream.resume();
      stream.end();
      stream.shareReceiveBuffer();
      peer.end();
      await inTime("the peer's end", gone);
      await turns(5);
      assert.deepEqual(reader.events, ["closed"]);
    });

    it("resets", async (t) => {
      const { stream, reader, peer } = await pair(t);
      peer.resume();
      const failed = once(peer, "error");
      stream.reset();
      stream.reset();
      stream.destroy();
      const [error] = await inTime("the reset", failed);
      assert.equal((error as NodeJS.ErrnoException).code, "ECONNRESET");
      await waitFor("the end", () => reader.events.length > 0);
      assert.deepEqual(reader.events, ["closed"]);
      assert.equal(reader.error, undefined);
      assert.match(stream.remoteAddress, /^(::ffff:)?127\.0\.0\.1$/);
    });

    it("is gone when it is reset after its end, too", async (t) => {
      const { stream, reader, peer } = await pair(t);
      peer.resume();
      stream.end();
      stream.reset();
      await waitFor("the end", () => reader.events.includes("closed"));
    });

    it("says that it was reset", async (t) => {
      const { reader, peer } = await pair(t);
      peer.resetAndDestroy();
      await waitFor("the end", () => reader.events.includes("closed"));
      assert.equal(reader.error, "ECONNRESET");
    });

    it("survives a reset, whatever it is doing", async (t) => {
      for (const act of [
        (): void => {},
        ({ stream }: Pair): void => void stream.write(Buffer.alloc(32 * MEGABYTE)),
        ({ stream }: Pair): void => stream.end(),
      ]) {
        const made = await pair(t);
        act(made);
        made.peer.resetAndDestroy();
        await waitFor("the end", () => made.reader.events.includes("closed"));
        assert.equal(made.reader.events.filter((event) => event === "closed").length, 1);
        assert.equal(made.reader.events.at(-1), "closed");
        assert.ok(!made.reader.events.includes("written"), "what was lost was not written");
      }
    });

    it("knows its peer, also when that is gone", async (t) => {
      const { stream, reader, peer } = await pair(t);
      assert.match(stream.remoteAddress, /^(::ffff:)?127\.0\.0\.1$/);
      assert.equal(stream.remotePort, peer.localPort);
      assert.equal(stream.encrypted, false);
      stream.destroy();
      await waitFor("the end", () => reader.events.includes("closed"));
      assert.match(stream.remoteAddress, /^(::ffff:)?127\.0\.0\.1$/);
    });

    it("becomes a socket that reads first what was read already", async (t) => {
      const { stream, reader, peer } = await pair(t, false);
      peer.write("first ");
      await waitFor("the first bytes", () => reader.text === "first ");
      const socket = stream.toSocket(Buffer.from("first "));
      t.after(() => socket.destroy());
      socket.on("error", () => {});
      let text = "";
      socket.setEncoding("latin1").on("data", (chunk: string) => {
        text += chunk;
      });
      socket.resume();
      peer.write("second");
      await waitFor("all of it", () => text === "first second");
      const answer = once(peer, "data");
      socket.write("answer");
      assert.equal(String((await inTime("the answer", answer))[0]), "answer");
      const end = once(peer, "end");
      socket.end();
      await inTime("the end", end);
      assert.equal(reader.text, "first ", "the reader hears nothing more");
    });
  });
}
