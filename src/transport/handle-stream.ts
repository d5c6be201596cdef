import { isIPv6, Socket, type SocketConstructorOpts } from "node:net";
import { getSystemErrorName } from "node:util";
import type { ByteStream, StreamReader } from "./byte-stream.ts";
import {
  findBinding,
  type HandleBinding,
  type SocketFromHandle,
  type TcpHandle,
  type WriteRequest,
} from "./handle-binding.ts";

const UV_EOF = -4095;
const RECEIVE_BUFFER_BYTES = 64 * 1024;

// Which stream a handle belongs to: its callbacks have the handle as `this`.
const streamOfHandle = Symbol("stream");

interface OwnedHandle extends TcpHandle {
  [streamOfHandle]?: HandleStream;
}

/** What all the streams of one binding share: the receive buffer, and a write request for the next write. */
export class HandlePool {
  readonly binding: HandleBinding;
  readonly receiveBuffer: Buffer = Buffer.allocUnsafeSlow(RECEIVE_BUFFER_BYTES);
  // A write that the kernel takes at once leaves its request as it was, to be used again.
  writeRequest: WriteRequest;
  readonly onRead: (this: TcpHandle, bytes: ArrayBuffer | undefined) => void;

  constructor(binding: HandleBinding) {
    this.binding = binding;
    this.writeRequest = new binding.WriteWrap();
    const { streamBaseState, kReadBytesOrError, kArrayBufferOffset } = binding;
    const receiveBuffer = this.receiveBuffer;
    this.onRead = function (this: OwnedHandle, bytes: ArrayBuffer | undefined): void {
      const stream = this[streamOfHandle];
      if (stream === undefined) return;
      const read = streamBaseState[kReadBytesOrError] as number;
      if (read <= 0) stream.onReadFailed(read);
      else if (bytes === undefined) stream.reader.onBytes(receiveBuffer, 0, read);
      else stream.reader.onBytes(Buffer.from(bytes, streamBaseState[kArrayBufferOffset], read), 0, read);
    };
  }

  wasAsync(): boolean {
    return this.binding.streamBaseState[this.binding.kLastWriteWasAsync] !== 0;
  }

  /** The request of the write that has just begun, now that it can't be used for the next one. */
  takeWriteRequest(): WriteRequest {
    const taken = this.writeRequest;
    this.writeRequest = new this.binding.WriteWrap();
    return taken;
  }
}

// One for the whole process, as the receive buffer is.
let sharedPool: HandlePool | null | undefined;

/** What all the fast streams of the process share; null where this Node lacks what they need. */
export function sharedHandlePool(): HandlePool | null {
  if (sharedPool === undefined) {
    const binding = findBinding();
    sharedPool = binding === undefined ? null : new HandlePool(binding);
  }
  return sharedPool;
}

/** Where a connection goes. */
export interface DialTarget {
  /** An IP address. */
  readonly address: string;
  readonly port: number;
  /** The IPv4 address that it comes from; the system's choice if undefined. */
  readonly localAddress?: string | undefined;
}

const NO_READER: StreamReader = { onBytes() {}, onWritten() {}, onEnd() {}, onClosed() {} };

/**
 * The fast stream: the TCP handle itself, without a `net.Socket`. Reads go into one shared buffer, and a write that the kernel
 * takes at once allocates nothing.
 */
export class HandleStream implements ByteStream {
  reader: StreamReader = NO_READER;
  readonly #pool: HandlePool;
  readonly #handle: OwnedHandle;
  #address: string | undefined;
  #closing = false;
  #ended = false;
  #reading = false;

  constructor(handle: TcpHandle, pool: HandlePool) {
    this.#handle = handle;
    this.#pool = pool;
    this.#handle[streamOfHandle] = this;
    handle.onread = pool.onRead;
    // Sluice gathers frames itself; Nagle's algorithm would only hold back what it has decided to send.
    handle.setNoDelay(true);
  }

  /** Begins to connect. Where that fails, its reader is told that it's closed. */
  static dial(
    target: DialTarget,
    pool: HandlePool,
    { reader, onConnected }: { reader: StreamReader; onConnected: () => void },
  ): HandleStream {
    const stream = new HandleStream(pool.binding.createHandle(), pool);
    stream.reader = reader;
    const status = stream.#connect(target, () => {
      stream.shareReceiveBuffer();
      stream.resume();
      onConnected();
    });
    if (status !== 0) stream.#close(status);
    return stream;
  }

  get encrypted(): boolean {
    return false;
  }

  get remoteAddress(): string {
    this.#address ??= this.#peerName().address ?? "";
    return this.#address;
  }

  get remotePort(): number {
    return this.#peerName().port ?? 0;
  }

  get pendingBytes(): number {
    return this.#closing ? 0 : this.#handle.writeQueueSize;
  }

  open(reader: StreamReader): void {
    this.reader = reader;
    this.resume();
  }

  shareReceiveBuffer(): void {
    if (!this.#closing) this.#handle.useUserBuffer(this.#pool.receiveBuffer);
  }

  pause(): void {
    if (this.#closing || !this.#reading) return;
    this.#reading = false;
    this.#handle.readStop();
  }

  resume(): void {
    if (this.#closing || this.#reading) return;
    this.#reading = true;
    const status = this.#handle.readStart();
    if (status !== 0) this.#close(status);
  }

  write(bytes: Buffer): boolean {
    if (this.#closing) return false;
    const status = this.#handle.writeBuffer(this.#pool.writeRequest, bytes);
    return this.#written(status, bytes);
  }

  writeAll(chunks: Buffer[]): boolean {
    if (this.#closing) return false;
    const status = this.#handle.writev(this.#pool.writeRequest, chunks, true);
    return this.#written(status, chunks);
  }

  end(): void {
    if (this.#closing) return;
    this.#ended = true;
    const request = new this.#pool.binding.ShutdownWrap();
    request.oncomplete = () => {};
    const status = this.#handle.shutdown(request);
    if (status !== 0) this.#close(status);
  }

  destroy(): void {
    this.#close(0);
  }

  reset(): void {
    if (this.#closing) return;
    // A handle whose end is being sent can't be reset, and one that was told to all the same never closes.
    if (this.#ended) return this.destroy();
    this.#remember();
    this.#closing = true;
    this.#handle.reset(this.#closed(0));
  }

  toSocket(read: Buffer): Socket {
    this.#handle.readStop();
    this.#closing = true;
    delete this.#handle[streamOfHandle];
    const options: SocketFromHandle = { handle: this.#handle, allowHalfOpen: true };
    const socket = new Socket(options as unknown as SocketConstructorOpts);
    if (read.length > 0) socket.unshift(Buffer.from(read));
    return socket;
  }

  onReadFailed(status: number): void {
    if (status === 0) return;
    if (status === UV_EOF) this.reader.onEnd();
    else this.#close(status);
  }

  #connect({ address, port, localAddress }: DialTarget, onConnected: () => void): number {
    const bound = localAddress === undefined ? 0 : this.#handle.bind(localAddress, 0);
    if (bound !== 0) return bound;
    const request = new this.#pool.binding.ConnectWrap();
    request.oncomplete = (status) => {
      if (status !== 0) this.#close(status);
      else if (!this.#closing) onConnected();
    };
    return isIPv6(address)
      ? this.#handle.connect6(request, address, port)
      : this.#handle.connect(request, address, port);
  }

  #close(status: number): void {
    if (this.#closing) return;
    this.#remember();
    this.#closing = true;
    this.#handle.close(this.#closed(status));
  }

  // Asked for now or never: a closed handle knows no peer.
  #remember(): void {
    this.#address ??= this.#peerName().address ?? "";
  }

  #closed(status: number): () => void {
    return () => {
      delete this.#handle[streamOfHandle];
      this.reader.onClosed(status === 0 ? undefined : getSystemErrorName(status));
    };
  }

  #written(status: number, bytes: Buffer | Buffer[]): boolean {
    if (status !== 0) {
      this.#close(status);
      return false;
    }
    if (!this.#pool.wasAsync()) return true;
    const request = this.#pool.takeWriteRequest();
    request.bytes = bytes;
    request.oncomplete = (failed) => {
      request.bytes = null;
      if (failed !== 0) this.#close(failed);
      else if (!this.#closing) this.reader.onWritten();
    };
    return false;
  }

  #peerName(): { address?: string; port?: number } {
    const name = {};
    if (!this.#closing) this.#handle.getpeername(name);
    return name;
  }
}
