import type { Server } from "node:net";

/**
 * The part of Node's TCP handle that is used here. It is internal to Node: this file and `handle-stream.ts` are the only ones
 * that know of it, `findBinding` looks for all of it at start, and where something is missing the portable stream serves.
 */
export interface TcpHandle {
  onread: ((this: TcpHandle, bytes: ArrayBuffer | undefined) => void) | null;
  readonly writeQueueSize: number;
  useUserBuffer(buffer: Uint8Array): void;
  readStart(): number;
  readStop(): number;
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  writev(request: WriteRequest, chunks: Uint8Array[], allBuffers: boolean): number;
  shutdown(request: ShutdownRequest): number;
  close(callback?: () => void): void;
  reset(callback: () => void): number;
  bind(address: string, port: number): number;
  connect(request: ConnectRequest, address: string, port: number): number;
  connect6(request: ConnectRequest, address: string, port: number): number;
  setNoDelay(on: boolean): number;
  getpeername(out: { address?: string; port?: number; family?: string }): number;
}

/** A write that the kernel didn't take at once. */
export interface WriteRequest {
  oncomplete: ((status: number) => void) | null;
  bytes: Uint8Array | Uint8Array[] | null;
}

/** A half-close in progress. */
export interface ShutdownRequest {
  oncomplete: (status: number) => void;
}

/** A connection that is being made. */
export interface ConnectRequest {
  oncomplete: ((status: number) => void) | null;
}

/** The handle of a listening `net.Server`. */
export interface ListeningHandle {
  onconnection: (status: number, handle: TcpHandle | undefined) => void;
}

interface StreamWrapBinding {
  readonly streamBaseState: Int32Array;
  readonly kReadBytesOrError: number;
  readonly kArrayBufferOffset: number;
  readonly kLastWriteWasAsync: number;
  readonly WriteWrap: new () => WriteRequest;
  readonly ShutdownWrap: new () => ShutdownRequest;
}

interface TcpWrapBinding {
  readonly TCP: new (type: number) => TcpHandle;
  readonly TCPConnectWrap: new () => ConnectRequest;
  readonly constants: { readonly SOCKET: number };
}

interface ProcessWithBinding {
  binding(name: "stream_wrap"): StreamWrapBinding;
  binding(name: "tcp_wrap"): TcpWrapBinding;
}

/** What the fast stream needs of Node. */
export interface HandleBinding extends StreamWrapBinding {
  /** Whether something is a TCP handle. */
  isTcpHandle(handle: unknown): boolean;
  /** A handle to connect. */
  createHandle(): TcpHandle;
  readonly ConnectWrap: new () => ConnectRequest;
}

const HANDLE_METHODS = [
  "useUserBuffer",
  "readStart",
  "readStop",
  "writeBuffer",
  "writev",
  "shutdown",
  "close",
  "reset",
  "bind",
  "connect",
  "connect6",
  "setNoDelay",
  "getpeername",
] as const;

const STATE_INDEXES = ["kReadBytesOrError", "kArrayBufferOffset", "kLastWriteWasAsync"] as const;

/** Looks for what the fast stream needs. @returns undefined where this Node (or another runtime) lacks some of it. */
export function findBinding(): HandleBinding | undefined {
  try {
    const node = process as unknown as ProcessWithBinding;
    const streams = node.binding("stream_wrap");
    const { TCP, TCPConnectWrap: ConnectWrap, constants } = node.binding("tcp_wrap");
    const complete =
      HANDLE_METHODS.every((name) => typeof Reflect.get(TCP.prototype, name) === "function") &&
      STATE_INDEXES.every((name) => typeof streams[name] === "number") &&
      typeof streams.WriteWrap === "function" &&
      typeof streams.ShutdownWrap === "function" &&
      typeof ConnectWrap === "function" &&
      typeof constants.SOCKET === "number" &&
      streams.streamBaseState instanceof Int32Array;
    if (!complete) return undefined;
    return {
      ...streams,
      ConnectWrap,
      isTcpHandle: (handle) => handle instanceof TCP,
      createHandle: () => new TCP(constants.SOCKET),
    };
  } catch {
    return undefined;
  }
}

/** The option of `net.Socket`'s constructor that takes a handle; it is not in its types. */
export interface SocketFromHandle {
  handle: TcpHandle;
  allowHalfOpen: boolean;
}

/** The handle of a listening server; undefined where it isn't a TCP handle of this process's own. */
export function listeningHandleOf(server: Server, binding: HandleBinding): ListeningHandle | undefined {
  const handle = (server as unknown as { _handle?: ListeningHandle })._handle;
  return binding.isTcpHandle(handle) ? handle : undefined;
}
