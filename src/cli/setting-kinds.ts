/** What a setting may be, and how it is read: as text from a flag or a variable, as a value from a configuration file. */
export interface SettingKind<T> {
  /** Completes the sentence "it must be …". */
  readonly expects: string;
  /** What stands for the value in the help, such as "number"; "" for a flag without a value. */
  readonly placeholder: string;
  /** @returns undefined if the text is not one */
  fromText(text: string): T | undefined;
  /** @returns undefined if the value is not one */
  fromValue(value: unknown): T | undefined;
}

const BYTE_UNITS: Readonly<Record<string, number>> = { "": 1, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3 };
const TRUE_WORDS = ["true", "1", "on", "yes"];
const FALSE_WORDS = ["false", "0", "off", "no"];

/** A whole number, both bounds included. */
export function wholeNumber(least: number, most: number = Number.MAX_SAFE_INTEGER): SettingKind<number> {
  const fromValue = (value: unknown): number | undefined =>
    typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most
      ? value
      : undefined;
  return {
    expects:
      most === Number.MAX_SAFE_INTEGER
        ? `a whole number from ${least} up`
        : `a whole number from ${least} to ${most}`,
    placeholder: "number",
    fromText: (text) => (/^\d{1,16}$/.test(text) ? fromValue(Number(text)) : undefined),
    fromValue,
  };
}

/** A number of bytes; as text also with KiB, MiB or GiB. */
export function byteCount(least: number): SettingKind<number> {
  const number = wholeNumber(least);
  return {
    expects: `a number of bytes from ${least} up (as text also such as 64KiB, 1MiB)`,
    placeholder: "bytes",
    fromText: (text) => {
      const [, digits = "", unit = ""] = /^(\d{1,16}) ?([KMG]iB)?$/i.exec(text) ?? [];
      return digits === ""
        ? undefined
        : number.fromValue(Number(digits) * (BYTE_UNITS[unit.toLowerCase()] ?? 1));
    },
    fromValue: number.fromValue,
  };
}

/** Another kind, or nothing: `null` in a file, `none` as text. */
export function orNone<T>(kind: SettingKind<T>): SettingKind<T | null> {
  return {
    expects: `${kind.expects}, or none (null in a file)`,
    placeholder: `${kind.placeholder}|none`,
    fromText: (text) => (text === "none" ? null : kind.fromText(text)),
    fromValue: (value) => (value === null ? null : kind.fromValue(value)),
  };
}

/** One of a few words. */
export function choice<const T extends string>(words: readonly T[]): SettingKind<T> {
  const find = (value: unknown): T | undefined => words.find((word) => word === value);
  return { expects: `one of ${words.join(", ")}`, placeholder: "word", fromText: find, fromValue: find };
}

/** A text that isn't empty. */
export function text(placeholder: string): SettingKind<string> {
  const fromValue = (value: unknown): string | undefined =>
    typeof value === "string" && value !== "" && !value.includes("\0") ? value : undefined;
  return { expects: "a text that is not empty", placeholder, fromText: fromValue, fromValue };
}

/** Yes or no. */
export const toggle: SettingKind<boolean> = {
  expects: "true or false",
  placeholder: "",
  fromText: (given) => {
    const word = given.toLowerCase();
    if (TRUE_WORDS.includes(word)) return true;
    return FALSE_WORDS.includes(word) ? false : undefined;
  },
  fromValue: (value) => (typeof value === "boolean" ? value : undefined),
};

/** Several texts: an array in a file, separated by commas as text. */
export function list(placeholder: string): SettingKind<readonly string[]> {
  const isItem = (item: unknown): item is string => typeof item === "string" && item !== "";
  return {
    expects: "a list (an array in a file, else separated by commas)",
    placeholder,
    fromText: (given) => {
      const items = given.split(",").map((item) => item.trim());
      return items.every(isItem) ? items : undefined;
    },
    fromValue: (value) => (Array.isArray(value) && value.every(isItem) ? value : undefined),
  };
}

/** A list, or a word that stands for one. */
export function wordOrList<const T extends string>(
  words: readonly T[],
  items: SettingKind<readonly string[]>,
): SettingKind<T | readonly string[]> {
  const word = choice(words);
  return {
    expects: `${words.join(" or ")}, or ${items.expects}`,
    placeholder: `${words.join("|")}|${items.placeholder}`,
    fromText: (given) => word.fromText(given) ?? items.fromText(given),
    fromValue: (value) => word.fromValue(value) ?? items.fromValue(value),
  };
}
