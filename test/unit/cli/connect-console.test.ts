import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import type { ReadStream, WriteStream } from "node:tty";
import { PipeConsole, TerminalConsole } from "../../../src/cli/connect-console.ts";
import { waitFor } from "../../support/wait-for.ts";

function pipes(maxLineBytes = 1000): {
  console: PipeConsole;
  input: PassThrough;
  output: PassThrough;
  errors: PassThrough;
  heard: string[];
} {
  const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const heard: string[] = [];
  const console = new PipeConsole({ input, output, errors }, maxLineBytes);
  console.start({ onLine: (line) => heard.push(line.toString()), onEnd: () => heard.push("(end)") });
  return { console, input, output, errors, heard };
}

// Newer Nodes give one chunk at a time.
function readAll(stream: PassThrough): Buffer {
  const chunks: Buffer[] = [];
  for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe("PipeConsole", () => {
  it("reads lines, the last one too if nothing ends it, and then the end", async () => {
    const { input, heard } = pipes();
    input.write("one\r\ntw");
    input.end("o\n\nlast");
    await waitFor("the end", () => heard.includes("(end)"));
    assert.deepEqual(heard, ["one", "two", "", "last", "(end)"]);
  });

  it("writes text as lines and bytes as they are", () => {
    const { console, output } = pipes();
    console.show("grüße\x1b[1m");
    console.show(Buffer.from([0, 255]));
    assert.deepEqual(readAll(output), Buffer.concat([Buffer.from("grüße\x1b[1m\n"), Buffer.from([0, 255])]));
  });

  it("says by its return when to hold back", () => {
    const { console } = pipes();
    assert.equal(console.show("short"), true);
    assert.equal(console.show("x".repeat(1_000_000)), false);
  });

  it("reads nothing while it is paused", async () => {
    const { console, input, heard } = pipes();
    console.pause();
    input.write("one\n");
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(heard, []);
    console.resume();
    await waitFor("the line", () => heard.length === 1);
  });

  it("ends the input at a line without end", async () => {
    const { input, errors, heard } = pipes(100);
    input.write(`fine\n${"x".repeat(101)}`);
    input.write("more\n");
    await waitFor("the end", () => heard.includes("(end)"));
    assert.deepEqual(heard, ["fine", "(end)"]);
    assert.match(String(readAll(errors)), /^sluice: a line of the input is over 100 bytes/);
  });
});

// Terminals are files of the system; what matters here is what is written and when, and for that streams will do.
function terminal(): { console: TerminalConsole; input: PassThrough; output: PassThrough; heard: string[] } {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const heard: string[] = [];
  const console = new TerminalConsole(input as unknown as ReadStream, output as unknown as WriteStream);
  console.start({ onLine: (line) => heard.push(String(line)), onEnd: () => heard.push("(end)") });
  return { console, input, output, heard };
}

describe("TerminalConsole", () => {
  it("shows messages above the line that is being typed", async () => {
    const { console, output } = terminal();
    assert.equal(String(readAll(output)), "> ");
    console.show("hello");
    assert.match(String(readAll(output)), /< hello\n.*> $/s);
    console.note("connected");
    assert.match(String(readAll(output)), /· connected\n.*> $/s);
    console.close();
  });

  it("shows nothing that could command the terminal, and bytes as hex", () => {
    const { console, output } = terminal();
    readAll(output);
    console.show("\x1b]0;title\x07\x1b[2Jx");
    assert.match(String(readAll(output)), /< \\x1b\]0;title\\x07\\x1b\[2Jx\n/);
    console.show(Buffer.from([0, 16, 255]));
    assert.match(String(readAll(output)), /< binary, 3 bytes: 00 10 ff\n/);
    console.show(Buffer.alloc(1_000_000));
    assert.ok(String(readAll(output)).length < 1200);
    console.close();
  });

  it("hears lines and the end", async () => {
    const { input, heard } = terminal();
    input.write("one\n");
    input.end();
    await waitFor("the end", () => heard.includes("(end)"));
    assert.deepEqual(heard, ["one", "(end)"]);
  });

  it("hears no end that it made itself", async () => {
    const { console, heard } = terminal();
    console.close();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(heard, []);
  });
});
