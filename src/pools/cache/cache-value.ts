import { SluiceError } from "../../errors/index.ts";
import { needsTag, parseTagged, stringifyTagged } from "./tagged-json.ts";

/** A value as it is kept: apart from the one it was made of, and the same in memory and in Redis. */
export type Encoded =
  | { readonly kind: "json"; readonly payload: string }
  /** With something in it that JSON has no words for. */
  | { readonly kind: "tagged"; readonly payload: string }
  | { readonly kind: "bytes"; readonly payload: Uint8Array }
  /** A loader's `undefined`. */
  | { readonly kind: "nothing"; readonly payload: "" };

/** A loader's `undefined`. */
export const nothing: Encoded = Object.freeze({ kind: "nothing", payload: "" });

// Deeper than anybody nests, and less than the stack takes.
const MAX_DEPTH = 200;
const MAX_SHOWN_STEPS = 8;

/**
 * Makes of a value what is kept.
 *
 * @throws SLUICE_UNCACHEABLE if something of it would be lost, or if it is too large
 */
export function encodeValue(value: unknown, maxBytes: number): Encoded {
  if (value instanceof Uint8Array) {
    if (value.byteLength > maxBytes) throw tooLarge(maxBytes);
    return { kind: "bytes", payload: Uint8Array.from(value) };
  }
  const walk = new Walk(maxBytes);
  walk.visit(value, 0);
  const kind = walk.hasTags ? "tagged" : "json";
  const payload = walk.hasTags ? stringifyTagged(value) : JSON.stringify(value);
  if (payload.length * 3 > maxBytes && Buffer.byteLength(payload) > maxBytes) throw tooLarge(maxBytes);
  return { kind, payload };
}

/** A copy of its own of the value that was kept. @throws SyntaxError if it isn't what was kept any more */
export function decodeValue(encoded: Encoded): unknown {
  if (encoded.kind === "json") return JSON.parse(encoded.payload);
  if (encoded.kind === "tagged") return parseTagged(encoded.payload);
  return encoded.kind === "bytes" ? Uint8Array.from(encoded.payload) : undefined;
}

/** How much it takes, in bytes; at the most, for text that isn't ASCII. */
export function encodedBytes(encoded: Encoded): number {
  return encoded.kind === "bytes" ? encoded.payload.byteLength : Buffer.byteLength(encoded.payload);
}

// Looks at all of a value before it is written as JSON, which drops silently what it can't carry, and knows no limits.
class Walk {
  /** Whether it has come upon something that JSON has no words for. */
  hasTags = false;
  readonly #maxBytes: number;
  // Where it is: names and positions. Only what is wrong makes a text of it.
  readonly #path: (string | number)[] = [];
  // The least that the JSON will take, so that what is far too large isn't written out before that is seen.
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  visit(value: unknown, depth: number): void {
    this.#count(typeof value === "string" ? value.length + 2 : 1);
    if (value === null || typeof value === "string" || typeof value === "boolean") return;
    if (needsTag(value)) this.#tag(value, depth);
    else if (typeof value !== "number") this.#visitOthers(value, depth);
  }

  #tag(value: Date | bigint | Uint8Array | number, depth: number): void {
    this.hasTags = true;
    if (value instanceof Date && Number.isNaN(value.getTime()))
      throw this.#refuse(depth, "a date that isn't valid");
    // As base64, it takes a third more.
    if (value instanceof Uint8Array) this.#count(value.byteLength);
  }

  #visitOthers(value: unknown, depth: number): void {
    if (typeof value !== "object" || value === null) throw this.#refuse(depth, `of type ${typeof value}`);
    if (depth >= MAX_DEPTH) throw this.#refuse(depth, "nested too deeply, or in a circle");
    if (Array.isArray(value)) this.#array(value, depth);
    else this.#object(value, depth);
  }

  #array(items: readonly unknown[], depth: number): void {
    for (let at = 0; at < items.length; at++) {
      this.#path[depth] = at;
      this.visit(items[at], depth + 1);
    }
  }

  #object(value: object, depth: number): void {
    const tag = Object.prototype.toString.call(value).slice(8, -1);
    if (tag !== "Object") throw this.#refuse(depth, `of type ${tag}`);
    if ("toJSON" in value && typeof value.toJSON === "function")
      throw this.#refuse(depth, "what JSON makes something else of");
    for (const [name, member] of Object.entries(value)) {
      // A member that is undefined and one that isn't there are the same to whoever reads it.
      if (member === undefined) continue;
      this.#count(name.length + 3);
      this.#path[depth] = name;
      this.visit(member, depth + 1);
    }
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#maxBytes) throw tooLarge(this.#maxBytes);
  }

  #refuse(depth: number, what: string): SluiceError {
    const steps = this.#path.slice(0, Math.min(depth, MAX_SHOWN_STEPS));
    const path = steps
      .map((step) => (typeof step === "number" ? `[${step}]` : `.${step.slice(0, 50)}`))
      .join("");
    return new SluiceError("SLUICE_UNCACHEABLE", {
      maxBytes: this.#maxBytes,
      problem: path === "" ? `the value is ${what}` : `its ${path} is ${what}`,
    });
  }
}

function tooLarge(maxBytes: number): SluiceError {
  return new SluiceError("SLUICE_UNCACHEABLE", { maxBytes, problem: "the value is larger" });
}
