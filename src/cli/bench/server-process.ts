import { readFileSync } from "node:fs";
import { invalidOption } from "../../errors/index.ts";

/** What a process took, as far as it was watched. */
export interface ProcessUsage {
  /** User and system time within the window. */
  readonly cpuSeconds: number;
  readonly rssBeforeBytes: number;
  readonly rssAfterBytes: number;
  readonly peakRssBytes: number;
}

// USER_HZ, the unit of /proc, is 100 on all that Node runs on, whatever the kernel's own ticks are.
const TICKS_A_SECOND = 100;
const SAMPLE_MS = 100;

/** Watches the CPU time and the memory of one process, all its threads together, in Linux's /proc. */
export class ServerProcess {
  readonly #pid: number;
  readonly #rssBefore: number;
  #rssPeak: number;
  #rssAfter: number;
  #cpuAtStart: number | undefined;
  #cpuSeconds = 0;
  readonly #sampling: NodeJS.Timeout;

  /** @throws SLUICE_INVALID_OPTION if there is no such process */
  constructor(pid: number) {
    this.#pid = pid;
    const rss = readRss(pid);
    if (rss === undefined) {
      const problem =
        process.platform === "linux" ? `no process has the number ${pid}` : "only Linux's /proc tells that";
      throw invalidOption("pid", problem);
    }
    this.#rssBefore = rss;
    this.#rssPeak = rss;
    this.#rssAfter = rss;
    this.#sampling = setInterval(() => this.#sample(), SAMPLE_MS).unref();
  }

  /** The window begins. */
  beginWindow(): void {
    this.#cpuAtStart = readCpuSeconds(this.#pid);
  }

  /** The window is over, and with it the watching. Does nothing if it hasn't begun, or was over before. */
  endWindow(): void {
    if (this.#cpuAtStart === undefined) return;
    this.#cpuSeconds = (readCpuSeconds(this.#pid) ?? this.#cpuAtStart) - this.#cpuAtStart;
    this.#cpuAtStart = undefined;
    this.#sample();
    this.stop();
  }

  /** Watches no longer. */
  stop(): void {
    clearInterval(this.#sampling);
  }

  /** What was found. */
  get usage(): ProcessUsage {
    return {
      cpuSeconds: this.#cpuSeconds,
      rssBeforeBytes: this.#rssBefore,
      rssAfterBytes: this.#rssAfter,
      peakRssBytes: this.#rssPeak,
    };
  }

  // A process that is gone leaves its last figures.
  #sample(): void {
    this.#rssAfter = readRss(this.#pid) ?? this.#rssAfter;
    this.#rssPeak = Math.max(this.#rssPeak, this.#rssAfter);
  }
}

function readRss(pid: number): number | undefined {
  const kilobytes = /^VmRSS:\s*(\d+) kB/m.exec(readProc(pid, "status"))?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

function readCpuSeconds(pid: number): number | undefined {
  const stat = readProc(pid, "stat");
  // The second field, the command's name in parentheses, may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const userTicks = Number(fields[11]);
  const systemTicks = Number(fields[12]);
  return stat === "" ? undefined : (userTicks + systemTicks) / TICKS_A_SECOND;
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return "";
  }
}
