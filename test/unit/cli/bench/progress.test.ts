import assert from "node:assert/strict";
import { test } from "node:test";
import { ProgressLine } from "../../../../src/cli/bench/progress.ts";

function terminal(
  isTTY: boolean,
  columns = 80,
): { written: string[]; isTTY: boolean; columns: number; write(text: string): void } {
  const written: string[] = [];
  return { written, isTTY, columns, write: (text) => written.push(text) };
}

const progress = { phase: "measuring", seconds: 3.2, opened: 1000, sent: 5000, received: 4999 } as const;

test("a terminal shows one line, over and over, and none in the end", () => {
  const screen = terminal(true);
  const line = new ProgressLine(screen, 10);
  line.show({ ...progress, phase: "opening" });
  line.show(progress);
  line.clear();
  line.clear();
  assert.deepEqual(screen.written, [
    "\r\x1b[Kopening: 1,000 connections",
    "\r\x1b[K3 of 10 s: 1,000 connections, 5,000 sent, 4,999 received",
    "\r\x1b[K",
  ]);
});

test("it doesn't wrap", () => {
  const screen = terminal(true, 20);
  new ProgressLine(screen, 10).show(progress);
  assert.equal(screen.written[0], "\r\x1b[K3 of 10 s: 1,000 co");
});

test("anything else is left alone", () => {
  const file = terminal(false);
  const line = new ProgressLine(file, 10);
  line.show(progress);
  line.clear();
  assert.deepEqual(file.written, []);
});
