import { clearLine, createInterface, cursorTo, type Interface } from "node:readline";
import type { ReadStream, WriteStream } from "node:tty";
import { LineSplitter } from "./line-splitter.ts";
import { printable, printableText } from "./printable.ts";

const MAX_HEX_BYTES = 256;

/** Told what a person, or a program, has to say. */
export interface ConsoleEvents {
  /** A line, without its end: bytes if it didn't come from a keyboard. */
  onLine(line: string | Buffer): void;
  /** There will be no more: Ctrl-D, or the end of a file. */
  onEnd(): void;
}

/** Where lines come from and messages go to. */
export interface ConnectConsole {
  /** Begins to read lines. */
  start(events: ConsoleEvents): void;
  /** Reads no lines until {@link resume}. */
  pause(): void;
  resume(): void;
  /** Shows a message. @returns false if no more should be shown until `onDrained` of its making */
  show(message: string | Buffer): boolean;
  /** Says something about the connection, on stderr. */
  note(line: string): void;
  /** Reads and asks no more. */
  close(): void;
}

/**
 * A console for people: a line is typed after ">", and messages appear above it, after "<". What could command a terminal is
 * shown as escapes, and binary messages as hex.
 */
export class TerminalConsole implements ConnectConsole {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  #lines: Interface | undefined;

  constructor(input: ReadStream, output: WriteStream) {
    this.#input = input;
    this.#output = output;
  }

  start(events: ConsoleEvents): void {
    const lines = createInterface({ input: this.#input, output: this.#output, prompt: "> " });
    this.#lines = lines;
    lines.on("line", (line) => {
      events.onLine(line);
      lines.prompt();
    });
    // In raw mode Ctrl-C is a key like others.
    lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
    lines.on("close", () => events.onEnd());
    lines.prompt();
  }

  // A person types more slowly than any connection sends.
  pause(): void {}

  resume(): void {}

  show(message: string | Buffer): boolean {
    return this.#above(`< ${typeof message === "string" ? printableText(message) : describeBinary(message)}`);
  }

  note(line: string): void {
    this.#above(`· ${line}`);
  }

  close(): void {
    const lines = this.#lines;
    if (lines === undefined) return;
    this.#lines = undefined;
    lines.removeAllListeners("close");
    lines.close();
    this.#clearLine();
    this.#input.destroy();
  }

  // Takes the place of the line that is being typed, which then appears again below.
  #above(line: string): boolean {
    if (this.#lines !== undefined) this.#clearLine();
    const goesOn = this.#output.write(`${line}\n`);
    this.#lines?.prompt(true);
    return goesOn;
  }

  #clearLine(): void {
    clearLine(this.#output, 0);
    cursorTo(this.#output, 0);
  }
}

/** What a pipe console reads from and writes to. */
export interface PipeStreams {
  readonly input: NodeJS.ReadableStream & { destroy(): unknown };
  readonly output: NodeJS.WritableStream;
  readonly errors: NodeJS.WritableStream;
}

/**
 * A console for programs: a line of input is a message; a text message is a line of output, a binary one its bytes and
 * nothing else, so that a file arrives as it was sent.
 */
export class PipeConsole implements ConnectConsole {
  readonly #streams: PipeStreams;
  readonly #maxLineBytes: number;

  /** @param maxLineBytes - a longer line ends the input */
  constructor(streams: PipeStreams, maxLineBytes: number) {
    this.#streams = streams;
    this.#maxLineBytes = maxLineBytes;
  }

  start(events: ConsoleEvents): void {
    const { input } = this.#streams;
    const splitter = new LineSplitter((line) => events.onLine(line));
    input.on("data", (chunk: Buffer) => {
      splitter.push(chunk);
      if (splitter.pendingBytes <= this.#maxLineBytes) return;
      this.note(
        `a line of the input is over ${this.#maxLineBytes} bytes: it is not sent, nor is what follows`,
      );
      input.removeAllListeners("data").removeAllListeners("end").destroy();
      events.onEnd();
    });
    input.on("end", () => {
      splitter.end();
      events.onEnd();
    });
    input.on("error", () => events.onEnd());
  }

  pause(): void {
    this.#streams.input.pause();
  }

  resume(): void {
    this.#streams.input.resume();
  }

  show(message: string | Buffer): boolean {
    return this.#streams.output.write(typeof message === "string" ? `${message}\n` : message);
  }

  note(line: string): void {
    this.#streams.errors.write(`sluice: ${line}\n`);
  }

  close(): void {
    this.#streams.input.destroy();
  }
}

function describeBinary(message: Buffer): string {
  const hex = message
    .subarray(0, MAX_HEX_BYTES)
    .toString("hex")
    .replace(/..(?=.)/g, "$& ");
  return printable(
    `binary, ${message.length} bytes: ${hex}${message.length > MAX_HEX_BYTES ? " …" : ""}`,
    1000,
  );
}
