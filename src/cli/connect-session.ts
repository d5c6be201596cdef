import { type Client, type ClientEvents, type ClientOptions, openClient } from "./client.ts";
import type { ConnectConsole } from "./connect-console.ts";
import type { ConnectTarget } from "./connect-target.ts";
import { printable } from "./printable.ts";

/** How a session behaves. */
export interface SessionOptions extends ClientOptions {
  /** Whether lines are sent as binary messages. */
  readonly binary: boolean;
  /** Whether the console is told of the opened connection. */
  readonly announce: boolean;
  /** At the end of the input, the connection is closed when nothing has come for so long, in milliseconds. */
  readonly lingerMs: number;
}

/** How a session ended. */
export interface SessionEnd {
  readonly code: number;
  readonly reason: string;
}

/** A console joined to a connection: lines in, messages out, each side held back while the other is slow. */
export class ConnectSession {
  readonly #target: ConnectTarget;
  readonly #console: ConnectConsole;
  readonly #options: SessionOptions;
  #client: Client | undefined;
  #lingering: NodeJS.Timeout | undefined;
  #inputEnded = false;

  constructor(target: ConnectTarget, console: ConnectConsole, options: SessionOptions) {
    this.#target = target;
    this.#console = console;
    this.#options = options;
  }

  /**
   * Connects, and goes on until the connection is gone.
   *
   * @throws SLUICE_CONNECT_FAILED, SLUICE_HANDSHAKE_REFUSED, SLUICE_INVALID_OPTION
   */
  async run(): Promise<SessionEnd> {
    let end: (end: SessionEnd) => void = () => {};
    const ended = new Promise<SessionEnd>((resolve) => {
      end = resolve;
    });
    const client = await openClient(this.#target, this.#clientEvents(end), this.#options);
    this.#client = client;
    const subprotocol = client.subprotocol === "" ? "" : `, subprotocol ${printable(client.subprotocol)}`;
    if (this.#options.announce)
      this.#console.note(`connected to ${this.#target.url}${subprotocol}; Ctrl-D closes`);
    this.#console.start({ onLine: (line) => this.#onLine(line), onEnd: () => this.#onInputEnd() });
    client.resume();
    return ended.finally(() => {
      clearTimeout(this.#lingering);
      this.#console.close();
    });
  }

  /** Closes the connection in good order, with 1000. @returns false if there is none yet */
  close(): boolean {
    this.#client?.close();
    return this.#client !== undefined;
  }

  /** What was shown has been taken: after the console's `show` returned false. */
  onShown(): void {
    this.#client?.resume();
  }

  #clientEvents(end: (end: SessionEnd) => void): ClientEvents {
    return {
      onMessage: (message) => {
        if (!this.#console.show(message)) this.#client?.pause();
        if (this.#inputEnded) this.#linger();
      },
      onDrained: () => {
        this.#console.resume();
        if (this.#inputEnded) this.#linger();
      },
      onClosed: (code, reason) => end({ code, reason }),
    };
  }

  #onLine(line: string | Buffer): void {
    const message = this.#options.binary ? Buffer.from(line) : line.toString();
    if (this.#client?.send(message) === false) this.#console.pause();
  }

  #onInputEnd(): void {
    this.#inputEnded = true;
    this.#linger();
  }

  // Answers to the last lines may still be on their way.
  #linger(): void {
    clearTimeout(this.#lingering);
    if (this.#options.lingerMs === 0) return this.#client?.close();
    this.#lingering = setTimeout(() => this.#client?.close(), this.#options.lingerMs);
  }
}
