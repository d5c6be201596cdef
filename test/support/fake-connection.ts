import type { Callbacks } from "../../src/transport/callbacks.ts";
import { type ConnectionOptions, connectionDefaults } from "../../src/transport/connection-options.ts";
import { connectionProfile, type Handler } from "../../src/transport/connection-profile.ts";
import { StreamRequest } from "../../src/transport/connection-request.ts";
import { Engine, type EngineOptions } from "../../src/transport/engine.ts";
import type { MessageCompression } from "../../src/transport/message-compression.ts";
import { WebSocketConnection } from "../../src/transport/websocket-connection.ts";
import { encodeFrame, Opcode } from "../../src/websocket/index.ts";
import { requestOf, type UpgradeRequest } from "../../src/websocket/upgrade-request.ts";
import { FakeStream } from "./fake-stream.ts";
import { type HeaderChange, handshakeHead } from "./handshake.ts";
import { describeFrames } from "./server-frames.ts";

/** Stands for the answer to the handshake, which comes before all frames. */
export const RESPONSE: Buffer = Buffer.from("HTTP/1.1 101 \r\n\r\n");

/** A valid request to open. */
export function upgradeRequest(
  target = "/",
  headers: Readonly<Record<string, HeaderChange>> = {},
): UpgradeRequest {
  return requestOf(handshakeHead(headers, { target })) as UpgradeRequest;
}

/** An engine, with what it was told. */
export interface FakeEngine {
  readonly engine: Engine;
  readonly errors: { readonly error: unknown; readonly socket: WebSocketConnection }[];
  readonly gone: WebSocketConnection[];
}

export function fakeEngine(options: Partial<EngineOptions> = {}): FakeEngine {
  const errors: { error: unknown; socket: WebSocketConnection }[] = [];
  const gone: WebSocketConnection[] = [];
  const engine = new Engine({
    maxFlushDelayMs: 0,
    maxBufferedBytes: Number.MAX_SAFE_INTEGER,
    onError: (error, socket) => errors.push({ error, socket }),
    onGone: (socket) => gone.push(socket),
    ...options,
  });
  return { engine, errors, gone };
}

/** Options where only some differ from the defaults. */
export type OptionChanges = Partial<Omit<ConnectionOptions, "sendBuffer" | "receive" | "keepalive">> & {
  readonly [Key in "sendBuffer" | "receive" | "keepalive"]?: Partial<ConnectionOptions[Key]>;
};

export function connectionOptions(changes: OptionChanges = {}): ConnectionOptions {
  return {
    ...connectionDefaults,
    ...changes,
    sendBuffer: { ...connectionDefaults.sendBuffer, ...changes.sendBuffer },
    receive: { ...connectionDefaults.receive, ...changes.receive },
    keepalive: { ...connectionDefaults.keepalive, ...changes.keepalive },
  };
}

/** A connection on a fake stream, opened. */
export interface FakeConnection {
  readonly socket: WebSocketConnection;
  readonly stream: FakeStream;
  /** Has a masked frame come in. */
  receive(opcode: Opcode, payload?: string | Uint8Array): void;
  /** What was written after the handshake's answer, in a few letters a frame. */
  frames(): string[];
}

export function openConnection(
  engine: Engine,
  setup: {
    readonly options?: OptionChanges;
    readonly handler?: Handler | Callbacks;
    readonly stream?: FakeStream;
    readonly compression?: MessageCompression;
    readonly head?: Buffer;
  } = {},
): FakeConnection {
  const { options, handler = {}, stream = new FakeStream(), compression = null, head } = setup;
  const socket = new WebSocketConnection(engine, {
    stream,
    request: new StreamRequest(upgradeRequest(), {}, stream),
    profile: connectionProfile(handler, connectionOptions(options)),
    subprotocol: "",
    compression,
    data: undefined,
  });
  socket.start(RESPONSE, head ?? Buffer.alloc(0));
  return {
    socket,
    stream,
    receive: (opcode, payload = "") => stream.receive(clientFrame(opcode, payload)),
    frames: () => describeFrames(stream.taken.subarray(RESPONSE.length)),
  };
}

/** A whole frame as a client sends it. */
export function clientFrame(opcode: Opcode, payload: string | Uint8Array = ""): Buffer {
  return encodeFrame(opcode, payload, Buffer.from([0x37, 0xfa, 0x21, 0x3d]));
}

/** A close frame as a client sends it. */
export function clientClose(code: number, reason = ""): Buffer {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return clientFrame(Opcode.close, Buffer.concat([payload, Buffer.from(reason)]));
}

/** Lets everything that is due by now happen: promises, the rest of this turn of the loop, and its immediates. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });
}
