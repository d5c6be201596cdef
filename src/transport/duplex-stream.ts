import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ByteStream, StreamReader } from "./byte-stream.ts";

const NO_READER: StreamReader = { onBytes() {}, onWritten() {}, onEnd() {}, onClosed() {} };

interface SocketLike extends Duplex {
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  readonly encrypted?: boolean;
  setNoDelay?(on: boolean): void;
  setTimeout?(ms: number): void;
  resetAndDestroy?(): void;
}

/** The portable stream: any `Duplex`, by its public interface. TLS, other runtimes, sockets that came from an HTTP server. */
export class DuplexStream implements ByteStream {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly encrypted: boolean;
  readonly #socket: SocketLike;
  #reader: StreamReader = NO_READER;
  #opened = false;
  #pending = false;
  #error: string | undefined;
  readonly #onWritten = (): void => {
    if (!this.#pending || this.#socket.destroyed || this.#socket.writableLength > 0) return;
    this.#pending = false;
    this.#reader.onWritten();
  };

  readonly #onData = (chunk: Buffer): void => this.#reader.onBytes(chunk, 0, chunk.length);
  readonly #onEnd = (): void => this.#reader.onEnd();

  constructor(socket: Duplex) {
    // First of all: a peer that resets the connection now must not end the process with an unhandled 'error' (see CVE-2022-41940).
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#error = error.code ?? error.message;
      socket.destroy();
    });
    this.#socket = socket;
    this.remoteAddress = this.#socket.remoteAddress ?? "";
    this.remotePort = this.#socket.remotePort ?? 0;
    this.encrypted = this.#socket.encrypted === true;
    this.#socket.setNoDelay?.(true);
    // An HTTP server that it comes from has set its own, which would cut a connection that is merely quiet.
    this.#socket.setTimeout?.(0);
    socket.on("close", () => this.#reader.onClosed(this.#error));
  }

  get pendingBytes(): number {
    return this.#socket.destroyed ? 0 : this.#socket.writableLength;
  }

  open(reader: StreamReader): void {
    this.#reader = reader;
    if (this.#opened) {
      this.#socket.resume();
      return;
    }
    this.#opened = true;
    this.#socket.on("data", this.#onData);
    this.#socket.on("end", this.#onEnd);
  }

  // A Duplex allocates for each read; there is nothing to share.
  shareReceiveBuffer(): void {}

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#socket.destroyed) this.#socket.resume();
  }

  write(bytes: Buffer): boolean {
    if (!this.#socket.writable) return false;
    this.#socket.write(bytes, this.#onWritten);
    return this.#settled();
  }

  writeAll(chunks: Buffer[]): boolean {
    if (!this.#socket.writable) return false;
    this.#socket.cork();
    for (const chunk of chunks) this.#socket.write(chunk, this.#onWritten);
    this.#socket.uncork();
    return this.#settled();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  reset(): void {
    // A socket whose end is being sent can't be reset, and one that was told to all the same never closes.
    if (this.#socket.resetAndDestroy === undefined || this.#socket.writableEnded) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  toSocket(read: Buffer): Socket {
    this.#reader = NO_READER;
    this.#socket.pause();
    this.#socket.off("data", this.#onData);
    this.#socket.off("end", this.#onEnd);
    if (read.length > 0) this.#socket.unshift(read);
    return this.#socket as unknown as Socket;
  }

  // A plain socket whose bytes the kernel has taken has none left when its write returns.
  #settled(): boolean {
    this.#pending = this.#socket.writableLength > 0;
    return !this.#pending;
  }
}
