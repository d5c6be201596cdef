import { randomBytes } from "node:crypto";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { invalidOption, SluiceError } from "../errors/index.ts";
import { encodeUpgradeRequest, parseUpgradeResponse } from "../websocket/index.ts";
import type { ConnectTarget } from "./connect-target.ts";
import { printable } from "./printable.ts";

/** How a client opens a connection. */
export interface HandshakeOptions {
  /** Further headers of the request. @default {} */
  readonly headers?: Readonly<Record<string, string>>;
  /** Offered, most wanted first. @default [] */
  readonly subprotocols?: readonly string[];
  /** Whether any certificate will do, such as one that the server signed itself. @default false */
  readonly insecure?: boolean;
  /** For connecting and the server's answer, in milliseconds. @default 10_000 */
  readonly timeoutMs?: number;
}

type Refused = Extract<ReturnType<typeof parseUpgradeResponse>, { kind: "refused" }>;

/** A connection that the server has agreed to. */
export interface OpenedSocket {
  /** Paused. */
  readonly socket: Socket;
  readonly subprotocol: string;
  /** What came after the answer's head: the first frames. */
  readonly rest: Buffer;
}

/**
 * Connects, and does the opening handshake (RFC 6455 §4.1).
 *
 * @throws SLUICE_CONNECT_FAILED, SLUICE_HANDSHAKE_REFUSED, SLUICE_INVALID_OPTION for headers that can't be sent
 */
export function openSocket(target: ConnectTarget, options: HandshakeOptions = {}): Promise<OpenedSocket> {
  const key = randomBytes(16).toString("base64");
  const request = encodeRequest(target, key, options);
  const socket = dial(target, options.insecure ?? false);
  return new Promise((resolve, reject) => {
    const fail = (error: SluiceError): void => {
      socket.destroy();
      reject(error);
    };
    const failWith = (reason: string, cause?: unknown): void => fail(connectFailed(target, reason, cause));
    const timer = setTimeout(() => failWith("it took too long"), options.timeoutMs ?? 10_000);
    socket.once("close", () => clearTimeout(timer));
    socket.once(target.encrypted ? "secureConnect" : "connect", () => socket.write(request));
    socket.once("error", (error) => failWith(reasonOf(error), error));
    socket.once("end", () => failWith("the server closed the connection without an answer"));
    let read: Buffer = Buffer.alloc(0);
    socket.on("data", function onData(chunk: Buffer) {
      read = Buffer.concat([read, chunk]);
      const answer = parseUpgradeResponse(read, { key, subprotocols: options.subprotocols ?? [] });
      if (answer.kind === "incomplete") return;
      if (answer.kind === "refused") return fail(handshakeRefused(target, answer, read));
      clearTimeout(timer);
      socket.off("data", onData).removeAllListeners("error").removeAllListeners("end").pause();
      resolve({ socket, subprotocol: answer.subprotocol, rest: read.subarray(answer.end) });
    });
  });
}

function encodeRequest(target: ConnectTarget, key: string, options: HandshakeOptions): Buffer {
  const authorization = target.authorization === undefined ? {} : { Authorization: target.authorization };
  try {
    return encodeUpgradeRequest({
      host: target.host,
      target: target.target,
      key,
      subprotocols: options.subprotocols ?? [],
      headers: { ...authorization, ...options.headers },
    });
  } catch (cause) {
    throw invalidRequest(cause);
  }
}

function invalidRequest(cause: unknown): SluiceError {
  return invalidOption("--header or --subprotocol", reasonOf(cause), cause);
}

function dial({ hostname, port, encrypted }: ConnectTarget, insecure: boolean): Socket {
  if (!encrypted) return connectTcp({ host: hostname, port, noDelay: true });
  // An address may not stand as a name in TLS (RFC 6066 §3).
  const servername = isIP(hostname) === 0 ? { servername: hostname } : {};
  const socket = connectTls({
    host: hostname,
    port,
    ...servername,
    rejectUnauthorized: !insecure,
    ALPNProtocols: ["http/1.1"],
  });
  socket.setNoDelay(true);
  return socket;
}

function handshakeRefused({ url }: ConnectTarget, { status, reason }: Refused, read: Buffer): SluiceError {
  const bodyAt = read.indexOf("\r\n\r\n") + 4;
  const body =
    status === 0 || status === 101 || bodyAt < 4 ? "" : read.toString("utf8", bodyAt, bodyAt + 1000).trim();
  const said = printable(body === "" ? reason : `${reason}: ${body}`);
  return new SluiceError("SLUICE_HANDSHAKE_REFUSED", {
    url,
    status: status === 0 ? "no HTTP" : status,
    reason: said,
  });
}

function connectFailed({ url }: ConnectTarget, reason: string, cause: unknown): SluiceError {
  return new SluiceError("SLUICE_CONNECT_FAILED", { url, reason }, { cause });
}

// Where a name has several addresses and none answers, the error holds one of its own for each.
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return [...new Set(error.errors.map(reasonOf))].join("; ");
  return printable(error instanceof Error ? error.message : String(error));
}
