import { quoted } from "./printable.ts";

/** How much is written, from nothing to everything. */
export const logLevels = ["silent", "error", "warn", "info", "debug"] as const;

/** One of {@link logLevels}. */
export type LogLevel = (typeof logLevels)[number];

/** What belongs to an event, by name. Text may come from a peer: it is made printable and cut. */
export type LogFields = Readonly<Record<string, string | number | undefined>>;

/** Writes one line per event: the time, the level, the event, and its fields as `name=value`. */
export class Log {
  readonly #rank: number;
  readonly #write: (line: string) => void;
  readonly #now: () => Date;

  /**
   * @param level - less weighty events are left out
   * @param write - takes a line with its line break; stderr unless given
   */
  constructor(
    level: LogLevel,
    write: (line: string) => void = (line) => process.stderr.write(line),
    now: () => Date = () => new Date(),
  ) {
    this.#rank = logLevels.indexOf(level);
    this.#write = write;
    this.#now = now;
  }

  /** Whether events of a level are written. */
  isOn(level: Exclude<LogLevel, "silent">): boolean {
    return logLevels.indexOf(level) <= this.#rank;
  }

  /** Something failed that should not have. */
  error(event: string, fields?: LogFields): void {
    this.#line("error", event, fields);
  }

  /** Something was refused or cut. */
  warn(event: string, fields?: LogFields): void {
    this.#line("warn", event, fields);
  }

  /** Something that happens rarely and is as it should be. */
  info(event: string, fields?: LogFields): void {
    this.#line("info", event, fields);
  }

  /** Something that happens all the time. */
  debug(event: string, fields?: LogFields): void {
    this.#line("debug", event, fields);
  }

  #line(level: Exclude<LogLevel, "silent">, event: string, fields: LogFields = {}): void {
    if (!this.isOn(level)) return;
    let line = `${this.#now().toISOString()} ${level.padEnd(5)} ${event}`;
    for (const [name, value] of Object.entries(fields)) {
      if (value !== undefined) line += ` ${name}=${typeof value === "number" ? value : quoted(value)}`;
    }
    this.#write(`${line}\n`);
  }
}
