import { channels } from "../diagnostics/index.ts";
import { isThenable } from "../internal/thenable.ts";
import {
  encodeUpgradeResponse,
  type HeadLimits,
  isUpgradeRequest,
  negotiateDeflate,
  type Refusal,
  type RequestHead,
  type UpgradeRequest,
  validateUpgrade,
} from "../websocket/index.ts";
import type { Admission } from "./admission.ts";
import type { ByteStream } from "./byte-stream.ts";
import type { ConnectionProfile } from "./connection-profile.ts";
import { StreamRequest } from "./connection-request.ts";
import type { Engine } from "./engine.ts";
import { Handshake } from "./handshake.ts";
import { MessageCompression } from "./message-compression.ts";
import type { RefusalCause } from "./server-stats.ts";
import { WebSocketConnection } from "./websocket-connection.ts";

/** What was decided about a request to open. */
export type Decision =
  | {
      readonly kind: "accept";
      readonly profile: ConnectionProfile;
      readonly subprotocol: string;
      readonly data: unknown;
      readonly params: Readonly<Record<string, string>>;
    }
  | { readonly kind: "refuse"; readonly refusal: Refusal; readonly cause: RefusalCause };

/** Decides about valid requests: routes, origins, authentication. */
export type Gate = (request: UpgradeRequest, peer: ByteStream) => Decision | PromiseLike<Decision>;

/** What the front door needs. */
export interface FrontDoorOptions extends HeadLimits {
  /** A handshake that takes longer is refused (408), in milliseconds. */
  readonly handshakeTimeoutMs: number;
  /** How long a client that finds the server full is told to wait, in seconds. */
  readonly retryAfterSeconds: number;
}

/** The parts that a front door joins. */
export interface FrontDoorParts {
  readonly engine: Engine;
  readonly admission: Admission;
  readonly gate: Gate;
  /** Takes what isn't a WebSocket: a socket that still has its request to read. */
  readonly plainHttp: (stream: ByteStream, read: Buffer) => void;
  /** Told of a gate that threw. */
  readonly onGateError: (error: unknown, request: UpgradeRequest) => void;
}

// So many at a time are told that there is no room; beyond that, connections are dropped without a word.
const MAX_REFUSALS_AT_ONCE = 32;

const FAILED: Refusal = { status: 500, message: "The request could not be judged" };

/** Where connections come in: admission, handshake, decision; then they are connections, or plain HTTP, or refused. */
export class FrontDoor {
  readonly engine: Engine;
  readonly options: FrontDoorOptions;
  readonly #parts: FrontDoorParts;
  readonly #handshakes = new Set<Handshake>();
  #refusing = 0;
  #isOpen = true;

  constructor(options: FrontDoorOptions, parts: FrontDoorParts) {
    this.options = options;
    this.engine = parts.engine;
    this.#parts = parts;
  }

  /** Takes a new connection. */
  accept(stream: ByteStream): void {
    const handshake = this.#admit(stream);
    handshake?.start();
  }

  /** Takes a request to upgrade that an HTTP server has read. */
  upgrade(stream: ByteStream, head: RequestHead, rest: Buffer): void {
    const handshake = this.#admit(stream);
    handshake?.startWith(head, rest);
  }

  /** From now on everything is refused, also what is in progress. */
  close(): void {
    this.#isOpen = false;
    for (const handshake of this.#handshakes) handshake.refuse(this.#overload("closing"), "closing");
  }

  /** Drops the handshakes that are still in progress. */
  cut(): void {
    for (const handshake of this.#handshakes) handshake.stream.destroy();
  }

  /** A handshake has read a whole head. */
  onHead(handshake: Handshake, head: RequestHead, read: { bytes: Buffer; end: number }): void {
    if (isUpgradeRequest(head)) return this.onUpgradeHead(handshake, head, read);
    this.#handOver(handshake);
    this.#parts.plainHttp(handshake.stream, read.bytes);
  }

  /** A handshake has the head of what is a request to upgrade, or was taken for one by an HTTP server. */
  onUpgradeHead(handshake: Handshake, head: RequestHead, read: { bytes: Buffer; end: number }): void {
    const validation = validateUpgrade(head);
    if (validation.kind === "refused") return handshake.refuse(validation.refusal, "malformed");
    this.#judge(handshake, validation.request, read.bytes.subarray(read.end));
  }

  /** A handshake ended in a refusal. */
  onRefused(stream: ByteStream, refusal: Refusal, cause: RefusalCause): void {
    this.engine.stats.refused[cause]++;
    if (!channels.handshakeRefused.hasSubscribers) return;
    const { status, message } = refusal;
    channels.handshakeRefused.publish({ status, message, cause, remoteAddress: stream.remoteAddress });
  }

  /** A handshake's connection is gone. */
  onGone(handshake: Handshake, admitted: boolean): void {
    this.engine.stats.handshakes--;
    this.#handshakes.delete(handshake);
    if (admitted) this.#parts.admission.leave(handshake.stream.remoteAddress);
    else this.#refusing--;
  }

  #admit(stream: ByteStream): Handshake | undefined {
    const admittance = this.#isOpen ? this.#parts.admission.enter(stream.remoteAddress) : "closing";
    if (admittance === "admitted") return this.#begin(new Handshake(this, stream, null));
    if (this.#refusing >= MAX_REFUSALS_AT_ONCE) {
      this.engine.stats.refused[admittance]++;
      stream.destroy();
      return undefined;
    }
    this.#refusing++;
    const refusal = this.#overload(admittance);
    return this.#begin(new Handshake(this, stream, { refusal, cause: admittance }));
  }

  #begin(handshake: Handshake): Handshake {
    this.engine.stats.handshakes++;
    this.#handshakes.add(handshake);
    return handshake;
  }

  #handOver(handshake: Handshake): void {
    handshake.handOver();
    this.engine.stats.handshakes--;
    this.#handshakes.delete(handshake);
  }

  #overload(cause: "connections" | "address" | "closing"): Refusal {
    const headers = { "Retry-After": String(this.options.retryAfterSeconds) };
    if (cause === "address")
      return { status: 429, message: "Too many connections from this address", headers };
    const message =
      cause === "closing" ? "The server is closing" : "The server has no room for more connections";
    return { status: 503, message, headers };
  }

  #judge(handshake: Handshake, request: UpgradeRequest, rest: Buffer): void {
    try {
      const decision = this.#parts.gate(request, handshake.stream);
      if (!isThenable(decision)) return this.#conclude(handshake, request, { rest, decision });
      handshake.stream.pause();
      handshake.hold(rest.length);
      decision
        .then((decided) => this.#conclude(handshake, request, { rest, decision: decided }))
        .then(undefined, (error: unknown) => this.#onGateFailed(handshake, request, error));
    } catch (error) {
      this.#onGateFailed(handshake, request, error);
    }
  }

  #onGateFailed(handshake: Handshake, request: UpgradeRequest, error: unknown): void {
    handshake.refuse(FAILED, "authentication");
    this.#parts.onGateError(error, request);
  }

  #conclude(
    handshake: Handshake,
    request: UpgradeRequest,
    { rest, decision }: { rest: Buffer; decision: Decision },
  ): void {
    if (!handshake.isUndecided) return;
    if (decision.kind === "refuse") return handshake.refuse(decision.refusal, decision.cause);
    const { profile, subprotocol, data, params } = decision;
    const agreement = agreeOnCompression(request, profile);
    const response = encodeUpgradeResponse(request.key, {
      ...(subprotocol !== "" && { subprotocol }),
      ...(agreement !== undefined && { extensions: agreement.header }),
    });
    this.#handOver(handshake);
    new WebSocketConnection(this.engine, {
      stream: handshake.stream,
      request: new StreamRequest(request, params, handshake.stream),
      profile,
      subprotocol,
      compression: agreement?.compression ?? null,
      data,
    }).start(response, rest);
  }
}

function agreeOnCompression(
  request: UpgradeRequest,
  { options }: ConnectionProfile,
): { header: string; compression: MessageCompression } | undefined {
  if (options.compression === null) return undefined;
  const agreement = negotiateDeflate(request.extensions, options.compression);
  if (agreement === undefined) return undefined;
  const compression = new MessageCompression(agreement.params, options.compression, options.maxMessageBytes);
  return { header: agreement.header, compression };
}
