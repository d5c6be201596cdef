import { decodeValue, type Encoded } from "./cache-value.ts";

/** A value with its times, by the clock of its store. */
export interface Entry {
  readonly value: Encoded;
  /** From then on it is stale: given only while a new one is loaded. */
  readonly softAt: number;
  /** From then on it is gone. */
  readonly hardAt: number;
}

/** Whether an entry can be given: as it is, while a new one is loaded, or not at all. */
export function freshness(entry: Entry | undefined, now: number): "fresh" | "stale" | "gone" {
  if (entry === undefined || now >= entry.hardAt) return "gone";
  return now < entry.softAt ? "fresh" : "stale";
}

/** Hands the value of an entry out, to each his own copy. */
export class Copies {
  readonly #value: Encoded;
  // One copy is made to see that it can be; it is the first one's.
  #first: { readonly copy: unknown } | undefined;

  private constructor(value: Encoded) {
    this.#value = value;
    this.#first = { copy: decodeValue(value) };
  }

  /** @returns undefined if there is none, or if it isn't what was kept */
  static of(value: Encoded | undefined): Copies | undefined {
    if (value === undefined) return undefined;
    try {
      return new Copies(value);
    } catch {
      return undefined;
    }
  }

  take(): unknown {
    const first = this.#first;
    if (first === undefined) return decodeValue(this.#value);
    this.#first = undefined;
    return first.copy;
  }
}
