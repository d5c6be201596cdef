import type { IncomingHttpHeaders } from "node:http";
import type { TestContext } from "node:test";
import { type ClientOptions, WebSocket } from "ws";
import { inTime } from "./wait-for.ts";

/** How a connection ended, as the client saw it. */
export interface ClientEnd {
  readonly code: number;
  readonly reason: string;
}

/** An answer that was no 101. */
export interface RefusedAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface OpenOptions extends ClientOptions {
  readonly subprotocols?: readonly string[];
}

/** The client of the `ws` package, with what it has received. */
export class WsClient {
  readonly socket: WebSocket;
  /** All messages so far. */
  readonly received: (string | Buffer)[] = [];
  /** Resolves when the connection is gone. */
  readonly closed: Promise<ClientEnd>;
  #read = 0;
  #wake: (() => void) | null = null;
  #isClosed = false;

  private constructor(url: string, { subprotocols = [], ...options }: OpenOptions) {
    this.socket = new WebSocket(url, [...subprotocols], { perMessageDeflate: false, ...options });
    this.socket.on("error", () => {});
    this.socket.on("message", (data: Buffer, isBinary: boolean) => {
      this.received.push(isBinary ? data : data.toString("utf8"));
      this.#wake?.();
    });
    this.closed = new Promise((resolve) => {
      this.socket.on("close", (code, reason) => {
        this.#isClosed = true;
        this.#wake?.();
        resolve({ code, reason: reason.toString() });
      });
    });
  }

  /** Connects. It is cut after the test. */
  static async open(t: TestContext, url: string, options: OpenOptions = {}): Promise<WsClient> {
    const client = new WsClient(url, options);
    t.after(() => client.socket.terminate());
    const { socket } = client;
    await inTime(
      `a connection to ${url}`,
      new Promise<void>((resolve, reject) => {
        socket.once("open", resolve);
        socket.once("error", reject);
      }),
    );
    return client;
  }

  /** Asks for a connection that must be refused. */
  static async refused(url: string, options: OpenOptions = {}): Promise<RefusedAnswer> {
    const { socket } = new WsClient(url, options);
    return inTime(
      "a refusal",
      new Promise<RefusedAnswer>((resolve, reject) => {
        socket.once("open", () => reject(new Error("the connection was opened")));
        socket.once("unexpected-response", (_request, response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () => {
            const { statusCode = 0, headers } = response;
            resolve({ status: statusCode, headers, body: Buffer.concat(chunks).toString() });
          });
        });
        socket.once("close", () => reject(new Error("the connection ended without an answer")));
      }),
    );
  }

  /** Sends a message, as a client does. */
  send(message: string | Buffer): void {
    this.socket.send(message);
  }

  /** The next message. */
  async next(): Promise<string | Buffer> {
    const [message] = await this.take(1);
    return message as string | Buffer;
  }

  /** The next so many messages. */
  async take(count: number): Promise<(string | Buffer)[]> {
    while (this.received.length < this.#read + count) {
      if (this.#isClosed) throw new Error(`the connection was closed after ${this.received.length} messages`);
      await inTime(
        `message ${this.received.length + 1}`,
        new Promise<void>((resolve) => {
          this.#wake = resolve;
        }),
      );
    }
    this.#read += count;
    return this.received.slice(this.#read - count, this.#read);
  }

  /** How it ended. */
  end(): Promise<ClientEnd> {
    return inTime("the end of the connection", this.closed);
  }
}
