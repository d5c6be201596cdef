import { randomBytes } from "node:crypto";
import { encodeUpgradeRequest, parseUpgradeResponse } from "../../websocket/index.ts";
import { pathVaries, renderPath } from "./template.ts";

/** What handshakes ask for. */
export interface HandshakeRequest {
  /** Host, with the port unless it is the scheme's own. */
  readonly host: string;
  /** A template of path and query. */
  readonly path: string;
  readonly subprotocols: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
}

/** What came of an answer so far. */
export type Answer =
  | { readonly kind: "incomplete" }
  | { readonly kind: "open" /** Offset of the first byte after it. */; readonly end: number }
  | { readonly kind: "refused"; readonly reason: string };

const HEAD_END = "\r\n\r\n";
const SWITCHING = "HTTP/1.1 101 ";
const MAX_HEAD_BYTES = 65_536;

/**
 * The opening handshakes of a process (RFC 6455 §4.1). All use one key, and only the first answer is held against it: what is
 * tested is the server's pace, and a digest for each connection would take from it.
 */
export class Handshake {
  readonly #request: HandshakeRequest;
  readonly #key: string = randomBytes(16).toString("base64");
  readonly #varies: boolean;
  /** What all ask for, where that doesn't vary. */
  #same: Buffer | undefined;
  #isChecked = false;

  constructor(request: HandshakeRequest) {
    this.#request = request;
    this.#varies = pathVaries(request.path);
  }

  /** @throws TypeError if what is asked for can't be sent */
  requestFor(index: number, group: number): Buffer {
    if (this.#varies) return this.#encode(index, group);
    this.#same ??= this.#encode(index, group);
    return this.#same;
  }

  /** Reads all that has arrived. */
  readAnswer(bytes: Buffer): Answer {
    if (!this.#isChecked) return this.#checkAnswer(bytes);
    const end = bytes.indexOf(HEAD_END);
    if (end === -1) {
      return bytes.length < MAX_HEAD_BYTES
        ? { kind: "incomplete" }
        : { kind: "refused", reason: "the head of the answer is too large" };
    }
    if (bytes.toString("latin1", 0, SWITCHING.length) === SWITCHING) {
      return { kind: "open", end: end + HEAD_END.length };
    }
    return this.#checkAnswer(bytes);
  }

  #encode(index: number, group: number): Buffer {
    const { host, path, subprotocols, headers } = this.#request;
    const target = renderPath(path, { index, group });
    return encodeUpgradeRequest({ host, target, key: this.#key, subprotocols, headers });
  }

  #checkAnswer(bytes: Buffer): Answer {
    const answer = parseUpgradeResponse(bytes, {
      key: this.#key,
      subprotocols: this.#request.subprotocols,
    });
    if (answer.kind === "incomplete") return answer;
    if (answer.kind === "refused") {
      const { status, reason } = answer;
      return { kind: "refused", reason: status === 0 ? reason : `HTTP ${status} ${reason}`.trim() };
    }
    this.#isChecked = true;
    return { kind: "open", end: answer.end };
  }
}
