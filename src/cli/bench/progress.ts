import type { BenchProgress } from "./run-bench.ts";

/** What progress is written to. */
export interface ProgressTerminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** One line on a terminal that tells how far a run is; nothing anywhere else. */
export class ProgressLine {
  readonly #terminal: ProgressTerminal;
  readonly #durationSeconds: number;
  #isShown = false;

  constructor(terminal: ProgressTerminal, durationSeconds: number) {
    this.#terminal = terminal;
    this.#durationSeconds = durationSeconds;
  }

  /** Shows where a run is. */
  show(progress: BenchProgress): void {
    if (this.#terminal.isTTY !== true) return;
    const line = describe(progress, this.#durationSeconds).slice(0, (this.#terminal.columns ?? 80) - 1);
    this.#terminal.write(`\r\x1b[K${line}`);
    this.#isShown = true;
  }

  /** Takes it off again. */
  clear(): void {
    if (this.#isShown) this.#terminal.write("\r\x1b[K");
    this.#isShown = false;
  }
}

function describe({ phase, seconds, opened, sent, received }: BenchProgress, duration: number): string {
  const connections = `${opened.toLocaleString("en")} connections`;
  if (phase !== "measuring") return `${phase}: ${connections}`;
  const messages = `${sent.toLocaleString("en")} sent, ${received.toLocaleString("en")} received`;
  return `${Math.min(seconds, duration).toFixed(0)} of ${duration} s: ${connections}, ${messages}`;
}
