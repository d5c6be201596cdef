import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { frame, pong } from "./decoder-harness.ts";
import { type HeaderChange, handshakeHead, headBytes } from "./handshake.ts";
import { inTime } from "./wait-for.ts";

/** An HTTP response, as a client reads it. */
export interface RawResponse {
  readonly status: number;
  /** By name in lower case; the last one of several. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** The status line and the headers as sent. */
  readonly head: string;
}

/** A frame from the server. */
export interface RawFrame {
  readonly opcode: number;
  readonly fin: boolean;
  readonly rsv1: boolean;
  readonly payload: Buffer;
}

/** What a peer's handshake says; everything may be left out. */
export interface HandshakeParts {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, HeaderChange>>;
  /** Bytes in the same write as the handshake. */
  readonly glued?: Buffer;
}

interface PeerOptions {
  readonly host?: string;
  readonly tls?: boolean;
  /** Answers the server's pings by itself, as every client does. @default true */
  readonly answersPings?: boolean;
}

/** How a connection ended, as seen from this side. */
export type PeerEnd = "fin" | "reset";

/** The bytes of a request for a connection: valid, but for the changes. */
export function handshakeBytes({ path = "/", headers = {} }: HandshakeParts = {}): Buffer {
  return headBytes(handshakeHead(headers, { target: path }));
}

/**
 * A client that knows TCP and not much more: it sends whatever bytes it is told to, and reads what comes as an HTTP response first
 * and as frames after a 101. It has nothing of the code under test.
 */
export class RawPeer {
  readonly socket: Socket;
  /** How the connection ended; resolves when it is gone. */
  readonly gone: Promise<PeerEnd>;
  /** Bytes received, in all. */
  receivedBytes = 0;
  /** Whether the server has sent its FIN, or the connection is gone. */
  isEnded = false;
  readonly #answersPings: boolean;
  #unread: Buffer = Buffer.alloc(0);
  #chunks: Buffer[] = [];
  #chunkBytes = 0;
  // How many bytes there have to be for the next frame, as far as is known.
  #frameBytes = 0;
  readonly #frames: RawFrame[] = [];
  #isWebSocket = false;
  #wake: (() => void) | null = null;

  private constructor(socket: Socket, options: PeerOptions) {
    this.socket = socket;
    this.#answersPings = options.answersPings ?? true;
    let end: PeerEnd = "fin";
    socket.on("error", () => {
      end = "reset";
    });
    socket.on("data", (chunk) => this.#onData(chunk));
    socket.on("end", () => this.#onEnd());
    this.gone = new Promise((resolve) => {
      socket.once("close", () => {
        this.#onEnd();
        resolve(end);
      });
    });
  }

  /** Connects, and sends nothing. */
  static async connect(port: number, options: PeerOptions = {}): Promise<RawPeer> {
    const { host = "127.0.0.1", tls = false } = options;
    const target = { host, port, allowHalfOpen: true };
    const socket = tls ? connectTls({ ...target, rejectUnauthorized: false }) : connect(target);
    const peer = new RawPeer(socket, options);
    await inTime(
      "a connection",
      new Promise<void>((resolve, reject) => {
        socket.once(tls ? "secureConnect" : "connect", resolve);
        socket.once("close", () => reject(new Error("the connection was closed while it was being made")));
      }),
    );
    socket.setNoDelay(true);
    return peer;
  }

  /** Connects and completes a handshake. */
  static async open(port: number, parts: HandshakeParts & PeerOptions = {}): Promise<RawPeer> {
    const peer = await RawPeer.connect(port, parts);
    peer.write(Buffer.concat([handshakeBytes(parts), parts.glued ?? Buffer.alloc(0)]));
    const { status } = await peer.response();
    assert.equal(status, 101);
    return peer;
  }

  /** Sends bytes. */
  write(bytes: Buffer | string): void {
    this.socket.write(bytes);
  }

  /** Sends bytes, and waits until the kernel has taken them. Also resolves if the connection is gone. */
  async written(bytes: Buffer | string): Promise<void> {
    await new Promise<void>((resolve) => {
      this.socket.write(bytes, () => resolve());
    });
  }

  /** Reads nothing more, so that the server's window fills up. */
  pause(): void {
    this.socket.pause();
  }

  /** Reads again. */
  resume(): void {
    this.socket.resume();
  }

  /** Says that it will send nothing more (FIN), and reads on. */
  end(): void {
    this.socket.end();
  }

  /** Breaks the connection with a RST. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** Closes without a word. */
  destroy(): void {
    this.socket.destroy();
  }

  /** The next HTTP response. After a 101, what follows is frames. */
  async response(): Promise<RawResponse> {
    const response = await this.#next("a response", () => this.#takeResponse());
    if (response === undefined) throw new Error("the connection ended without a response");
    return response;
  }

  /** The next response, undefined if the connection ends without one. */
  async responseIfAny(): Promise<RawResponse | undefined> {
    return this.#next("a response, or an end", () => this.#takeResponse());
  }

  /** The next frame that isn't a ping which is answered here; undefined at the end. */
  async frame(): Promise<RawFrame | undefined> {
    return this.#next("a frame", () => this.#frames.shift());
  }

  /** The text of the next frame, which must be a text. */
  async text(): Promise<string> {
    const next = await this.frame();
    assert.equal(next?.opcode, 1, `a text frame, not ${describe(next)}`);
    return (next as RawFrame).payload.toString("utf8");
  }

  /** Reads up to the close frame. @returns its code, 1005 if it has none, 1006 if the connection ends without one. */
  async closeCode(): Promise<number> {
    return (await this.closing()).code;
  }

  /** As {@link closeCode}, with the reason, and what came before. */
  async closing(): Promise<{ code: number; reason: string; before: RawFrame[] }> {
    const before: RawFrame[] = [];
    for (;;) {
      const next = await this.frame();
      if (next === undefined) return { code: 1006, reason: "", before };
      if (next.opcode !== 8) {
        before.push(next);
        continue;
      }
      if (next.payload.length === 0) return { code: 1005, reason: "", before };
      return { code: next.payload.readUInt16BE(0), reason: next.payload.toString("utf8", 2), before };
    }
  }

  /** Waits until the server has closed its side, or all of it. */
  async ended(): Promise<void> {
    await this.#next("the end", () => undefined);
  }

  /** What has come and was not read as a response or a frame. */
  get rest(): Buffer {
    this.#join();
    return this.#unread;
  }

  #onData(chunk: Buffer): void {
    this.receivedBytes += chunk.length;
    this.#chunks.push(chunk);
    this.#chunkBytes += chunk.length;
    if (this.#isWebSocket) this.#readFrames();
    this.#wake?.();
  }

  #onEnd(): void {
    this.isEnded = true;
    this.#wake?.();
  }

  async #next<T>(what: string, take: () => T | undefined): Promise<T | undefined> {
    const found = async (): Promise<T | undefined> => {
      for (;;) {
        const taken = take();
        if (taken !== undefined || this.isEnded) return taken;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = null;
      }
    };
    return inTime(what, found());
  }

  #join(): void {
    if (this.#chunks.length === 0) return;
    this.#unread = Buffer.concat([this.#unread, ...this.#chunks]);
    this.#chunks = [];
    this.#chunkBytes = 0;
  }

  #takeResponse(): RawResponse | undefined {
    this.#join();
    const headEnd = this.#unread.indexOf("\r\n\r\n");
    if (headEnd === -1) return undefined;
    const head = this.#unread.toString("latin1", 0, headEnd);
    const [statusLine = "", ...lines] = head.split("\r\n");
    const headers = new Map(
      lines.map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
    const body = bodyOf(this.#unread, headEnd + 4, status, headers);
    if (body === undefined) return undefined;
    this.#unread = this.#unread.subarray(body.end);
    if (status === 101) {
      this.#isWebSocket = true;
      this.#readFrames();
    }
    return { status, headers, body: body.text, head };
  }

  // As they come, whether anybody asks for them or not: pings are answered at once.
  #readFrames(): void {
    if (this.#unread.length + this.#chunkBytes < this.#frameBytes) return;
    this.#join();
    let at = 0;
    for (;;) {
      this.#frameBytes = frameBytesAt(this.#unread, at);
      if (this.#unread.length < at + this.#frameBytes) break;
      const next = frameAt(this.#unread, at, this.#frameBytes);
      at += this.#frameBytes;
      if (next.opcode === 9 && this.#answersPings) this.write(pong(next.payload));
      else this.#frames.push(next);
    }
    this.#unread = this.#unread.subarray(at);
  }
}

function bodyOf(
  bytes: Buffer,
  start: number,
  status: number,
  headers: ReadonlyMap<string, string>,
): { text: string; end: number } | undefined {
  if (headers.get("transfer-encoding") !== "chunked") {
    const end = start + (status < 200 ? 0 : Number(headers.get("content-length") ?? 0));
    return bytes.length < end ? undefined : { text: bytes.toString("utf8", start, end), end };
  }
  let text = "";
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    const end = lineEnd + 2 + size + 2;
    if (bytes.length < end) return undefined;
    if (size === 0) return { text, end };
    text += bytes.toString("utf8", lineEnd + 2, lineEnd + 2 + size);
    at = end;
  }
}

/** How many bytes the frame that begins here takes; as many as its header does, while that isn't whole. */
function frameBytesAt(bytes: Buffer, at: number): number {
  if (bytes.length < at + 2) return 2;
  const short = bytes.readUInt8(at + 1);
  assert.ok(short < 128, "a server doesn't mask");
  if (short < 126) return 2 + short;
  if (short === 126) return bytes.length < at + 4 ? 4 : 4 + bytes.readUInt16BE(at + 2);
  return bytes.length < at + 10 ? 10 : 10 + Number(bytes.readBigUInt64BE(at + 2));
}

function frameAt(bytes: Buffer, at: number, length: number): RawFrame {
  const first = bytes.readUInt8(at);
  const short = bytes.readUInt8(at + 1);
  const headerBytes = short < 126 ? 2 : short === 126 ? 4 : 10;
  return {
    opcode: first & 0x0f,
    fin: (first & 0x80) !== 0,
    rsv1: (first & 0x40) !== 0,
    payload: bytes.subarray(at + headerBytes, at + length),
  };
}

function describe(next: RawFrame | undefined): string {
  if (next === undefined) return "the end of the connection";
  return `opcode ${next.opcode} with ${next.payload.toString("hex", 0, 32)}`;
}

/** The header of a client's frame with any length, honest or not, and no payload. */
export function headerOnly(
  firstByte: number,
  length: bigint,
  options: { extended?: 0 | 16 | 64 } = {},
): Buffer {
  const extended = options.extended ?? (length < 126n ? 0 : length < 65536n ? 16 : 64);
  const mask = Buffer.from([1, 2, 3, 4]);
  if (extended === 0) return Buffer.concat([Buffer.from([firstByte, 0x80 | Number(length)]), mask]);
  if (extended === 16) {
    const header = Buffer.from([firstByte, 0x80 | 126, 0, 0]);
    header.writeUInt16BE(Number(length), 2);
    return Buffer.concat([header, mask]);
  }
  const header = Buffer.alloc(10);
  header[0] = firstByte;
  header[1] = 0x80 | 127;
  header.writeBigUInt64BE(length, 2);
  return Buffer.concat([header, mask]);
}

/** A frame that does nothing wrong. */
export function textFrame(message: string): Buffer {
  return frame({ opcode: 1, payload: message });
}
