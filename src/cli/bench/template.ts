import { invalidOption } from "../../errors/index.ts";
import { BLANK_MARKER } from "./marker.ts";

/** What stands for something else in a template. */
export type Placeholder = "t" | "i" | "r" | "n" | "p";

/** A parsed template: literal texts, and placeholders in between. */
export type Template = readonly (string | { readonly placeholder: Placeholder })[];

/** The connection that a template is filled in for. */
export interface TemplateValues {
  readonly index: number;
  readonly group: number;
  /** The message is padded up to so many bytes, where it says so. */
  readonly size: number;
}

/** A message whose length is final; its time and its number are still to be written. */
export interface RenderedMessage {
  readonly payload: Buffer;
  /** Offset of the time marker; -1 without one. */
  readonly markerAt: number;
  /** Offset of the number; -1 without one. */
  readonly numberAt: number;
}

/** A number in a message always has so many digits, so that no message changes its length. */
export const NUMBER_DIGITS = 10;

const ALL: readonly Placeholder[] = ["t", "i", "r", "n", "p"];
const BLANK_NUMBER = "0".repeat(NUMBER_DIGITS);
const PADDING = "x";
const PATH_PLACEHOLDER = /%[ir]/g;

/**
 * Reads a message's template.
 *
 * @param option - what it was given as
 * @throws SLUICE_INVALID_OPTION for a placeholder that doesn't exist, or a second %t, %n or %p
 */
export function parseTemplate(text: string, option: string): Template {
  const parts = text.split(/(%.?)/su).filter((part) => part !== "");
  const template = parts.map((part) => parsePart(part, option));
  for (const once of ["t", "n", "p"] as const) {
    if (template.filter((part) => isPlaceholder(part, once)).length > 1) {
      throw invalidOption(option, `it may have one %${once} only`);
    }
  }
  return template;
}

function parsePart(part: string, option: string): Template[number] {
  if (!part.startsWith("%")) return part;
  if (part === "%%") return "%";
  const placeholder = ALL.find((letter) => part === `%${letter}`);
  if (placeholder !== undefined) return { placeholder };
  throw invalidOption(
    option,
    `${JSON.stringify(part)} means nothing; it may have %t, %i, %r, %n, %p, and %% for a percent sign`,
  );
}

/** Whether a template has a placeholder. */
export function hasPlaceholder(template: Template, letter: Placeholder): boolean {
  return template.some((part) => isPlaceholder(part, letter));
}

function isPlaceholder(part: Template[number], letter: Placeholder): boolean {
  return typeof part !== "string" && part.placeholder === letter;
}

/** Fills in what is the same in every message of a connection. */
export function renderTemplate(template: Template, values: TemplateValues): RenderedMessage {
  const texts = template.map((part) => (typeof part === "string" ? part : fillIn(part.placeholder, values)));
  const bytes = Buffer.byteLength(texts.join(""));
  const padding = PADDING.repeat(Math.max(0, values.size - bytes));
  const padded = texts.map((text, at) =>
    isPlaceholder(template[at] as Template[number], "p") ? padding : text,
  );
  const offsetOf = (letter: Placeholder): number => {
    const at = template.findIndex((part) => isPlaceholder(part, letter));
    return at === -1 ? -1 : Buffer.byteLength(padded.slice(0, at).join(""));
  };
  return { payload: Buffer.from(padded.join("")), markerAt: offsetOf("t"), numberAt: offsetOf("n") };
}

function fillIn(placeholder: Placeholder, { index, group }: TemplateValues): string {
  switch (placeholder) {
    case "i":
      return String(index);
    case "r":
      return String(group);
    case "t":
      return BLANK_MARKER;
    case "n":
      return BLANK_NUMBER;
    case "p":
      return "";
  }
}

/** Whether a URL's path isn't the same for all connections. */
export function pathVaries(path: string): boolean {
  return path.search(PATH_PLACEHOLDER) !== -1;
}

/** Fills %i and %r into a URL's path; any other percent sign there encodes a byte. */
export function renderPath(path: string, { index, group }: Pick<TemplateValues, "index" | "group">): string {
  return path.replace(PATH_PLACEHOLDER, (placeholder) => String(placeholder === "%i" ? index : group));
}
