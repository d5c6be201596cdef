import { randomBytes } from "node:crypto";
import {
  CloseCode,
  closePayload,
  encodeFrame,
  FrameDecoder,
  type FrameSink,
  isValidCloseCode,
  Opcode,
} from "../websocket/index.ts";
import { type HandshakeOptions, type OpenedSocket, openSocket } from "./client-handshake.ts";
import type { ConnectTarget } from "./connect-target.ts";

const MAX_FRAGMENTS = 1_000_000;

/** What a client tells of. */
export interface ClientEvents {
  /** A message has come. */
  onMessage(message: string | Buffer): void;
  /** What was sent has been taken: after {@link Client.send} returned false. */
  onDrained(): void;
  /** The connection is gone: with the server's close code, ours if it broke the protocol, or 1006. */
  onClosed(code: number, reason: string): void;
}

/** How a client behaves. */
export interface ClientOptions extends HandshakeOptions {
  /** A larger message is refused (1009), in bytes. @default 67_108_864 (64 MiB) */
  readonly maxMessageBytes?: number;
  /** A server that doesn't answer our close frame is left after this time, in milliseconds. @default 5_000 */
  readonly closeTimeoutMs?: number;
}

/**
 * Opens a connection. Reading begins with {@link Client.resume}.
 *
 * @throws SLUICE_CONNECT_FAILED, SLUICE_HANDSHAKE_REFUSED, SLUICE_INVALID_OPTION
 */
export async function openClient(
  target: ConnectTarget,
  events: ClientEvents,
  options: ClientOptions = {},
): Promise<Client> {
  return new Client(await openSocket(target, options), events, options);
}

/** A small WebSocket client: no compression, no limit on what it sends. */
export class Client implements FrameSink {
  /** What the server chose; "" for none. */
  readonly subprotocol: string;
  readonly #socket: OpenedSocket["socket"];
  readonly #events: ClientEvents;
  readonly #decoder: FrameDecoder;
  readonly #closeTimeoutMs: number;
  #rest: Buffer;
  #closing = false;
  #outcome: { readonly code: number; readonly reason: string } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor({ socket, subprotocol, rest }: OpenedSocket, events: ClientEvents, options: ClientOptions) {
    const { maxMessageBytes = 64 * 1024 * 1024, closeTimeoutMs = 5_000 } = options;
    this.subprotocol = subprotocol;
    this.#socket = socket;
    this.#events = events;
    this.#rest = rest;
    this.#closeTimeoutMs = closeTimeoutMs;
    this.#decoder = new FrameDecoder(this, {
      role: "client",
      maxMessageBytes,
      maxFragments: MAX_FRAGMENTS,
      compression: false,
    });
    socket.on("data", (chunk: Buffer) => this.#decoder.push(chunk, 0, chunk.length));
    socket.on("drain", () => events.onDrained());
    // The close event follows, and says what there is to say.
    socket.on("error", () => {});
    socket.on("end", () => socket.destroy());
    socket.on("close", () => this.#onGone());
    // A data listener makes a socket flow; who opened the client says when.
    socket.pause();
  }

  /** Sends a message. @returns false if no more should be sent until it has been taken, or the connection is closing */
  send(message: string | Uint8Array): boolean {
    return this.#write(typeof message === "string" ? Opcode.text : Opcode.binary, message);
  }

  /** Begins the close handshake. */
  close(code: number = CloseCode.normal, reason = ""): void {
    if (this.#closing) return;
    this.#write(Opcode.close, closePayload(code, reason));
    this.#closing = true;
    this.#timer = setTimeout(() => this.#socket.destroy(), this.#closeTimeoutMs);
    // The server's close frame must be read, even if its messages weren't wanted at present.
    this.resume();
  }

  /** Stops reading, so that TCP pushes back. */
  pause(): void {
    if (!this.#closing) this.#socket.pause();
  }

  /** Reads, for the first time or again. */
  resume(): void {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    // Before the rest is read, since what is in it may be answered with a pause.
    this.#socket.resume();
    if (rest.length > 0) this.#decoder.push(rest, 0, rest.length);
  }

  onMessage(message: string | Buffer): void {
    this.#events.onMessage(message);
  }

  // The decoder was told that no compression was negotiated.
  onCompressed(): void {}

  // §5.5.2: "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response".
  onPing(payload: Buffer): void {
    this.#write(Opcode.pong, payload);
  }

  onPong(): void {}

  // §5.5.1: "the endpoint MUST send a Close frame in response"; the server then closes the TCP connection first (§7.1.1).
  onClose(code: number, reason: string): void {
    this.#outcome ??= { code, reason };
    if (isValidCloseCode(code)) this.close(code);
    else this.#closeBare();
  }

  onViolation(code: number, reason: string): void {
    this.#outcome ??= { code, reason: `the server broke the protocol: ${reason}` };
    this.close(code, reason.slice(0, 40));
    this.#socket.end();
  }

  #closeBare(): void {
    if (this.#closing) return;
    this.#write(Opcode.close, Buffer.alloc(0));
    this.#closing = true;
    this.#timer = setTimeout(() => this.#socket.destroy(), this.#closeTimeoutMs);
  }

  #write(opcode: Opcode, payload: string | Uint8Array): boolean {
    if (this.#closing || !this.#socket.writable) return false;
    return this.#socket.write(encodeFrame(opcode, payload, randomBytes(4)));
  }

  #onGone(): void {
    clearTimeout(this.#timer);
    this.#closing = true;
    const { code, reason } = this.#outcome ?? { code: CloseCode.abnormal, reason: "" };
    this.#events.onClosed(code, reason);
  }
}
