import type { UpgradeRequest } from "../websocket/index.ts";
import type { ByteStream } from "./byte-stream.ts";
import type { ConnectionRequest } from "./connection-api.ts";

/** The request of a connection: what was sent, and who sent it. It keeps references only, since it lives as long as its connection. */
export class StreamRequest implements ConnectionRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly #request: UpgradeRequest;
  readonly #stream: ByteStream;

  constructor(request: UpgradeRequest, params: Readonly<Record<string, string>>, stream: ByteStream) {
    this.#request = request;
    this.params = params;
    this.#stream = stream;
  }

  get url(): string {
    return this.#request.target;
  }

  get path(): string {
    return this.#request.path;
  }

  get query(): string {
    return this.#request.query;
  }

  get rawHeaders(): readonly string[] {
    return this.#request.rawHeaders;
  }

  get remoteAddress(): string {
    return this.#stream.remoteAddress;
  }

  get remotePort(): number {
    return this.#stream.remotePort;
  }

  get encrypted(): boolean {
    return this.#stream.encrypted;
  }

  header(name: string): string | undefined {
    return this.#request.header(name);
  }
}
