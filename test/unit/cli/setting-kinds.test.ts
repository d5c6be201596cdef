import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  byteCount,
  choice,
  list,
  orNone,
  type SettingKind,
  text,
  toggle,
  wholeNumber,
  wordOrList,
} from "../../../src/cli/setting-kinds.ts";

/** What each text is read as. */
function check<T>(
  kind: SettingKind<T>,
  texts: Record<string, T | undefined>,
  values: [unknown, T | undefined][],
): void {
  for (const [given, expected] of Object.entries(texts)) {
    assert.deepEqual(kind.fromText(given), expected, `the text ${JSON.stringify(given)}`);
  }
  for (const [given, expected] of values) {
    assert.deepEqual(kind.fromValue(given), expected, `the value ${JSON.stringify(given)}`);
  }
}

const no = undefined;

describe("kinds of settings", () => {
  it("a whole number within its bounds, in decimal digits", () => {
    const texts = {
      "0": 0,
      "65535": 65_535,
      "65536": no,
      "-1": no,
      "1.5": no,
      "1e3": no,
      "0x10": no,
      " 1": no,
      "": no,
    };
    check(wholeNumber(0, 65_535), texts, [
      [8765, 8765],
      [65_536, no],
      [1.5, no],
      [Number.NaN, no],
      ["8765", no],
      [null, no],
    ]);
    assert.equal(wholeNumber(1).fromText("9007199254740993"), no);
  });

  it("a number of bytes, as text also in binary units", () => {
    const texts = {
      "100": 100,
      "64KiB": 65_536,
      "1 MiB": 1_048_576,
      "2gib": 2 ** 31,
      "1MB": no,
      "1.5MiB": no,
      MiB: no,
      "0": no,
    };
    check(byteCount(1), texts, [
      [65_536, 65_536],
      ["64KiB", no],
      [0, no],
    ]);
  });

  it("nothing where nothing is possible", () => {
    check<number | null>(orNone(wholeNumber(1)), { none: null, "5": 5, null: no, "0": no }, [
      [null, null],
      [5, 5],
      ["none", no],
      [undefined, no],
    ]);
  });

  it("one of a few words", () => {
    check<string>(choice(["auto", "portable"]), { auto: "auto", Auto: no, "": no, constructor: no }, [
      ["portable", "portable"],
      [1, no],
    ]);
  });

  it("a text that isn't empty", () => {
    check(text("file"), { "a b": "a b", "": no }, [
      ["x", "x"],
      ["x\0y", no],
      [5, no],
    ]);
  });

  it("yes or no", () => {
    check(
      toggle,
      {
        true: true,
        ON: true,
        "1": true,
        yes: true,
        false: false,
        off: false,
        "0": false,
        no: false,
        maybe: no,
      },
      [
        [true, true],
        [false, false],
        ["true", no],
        [0, no],
      ],
    );
  });

  it("a list", () => {
    check<readonly string[]>(list("name,…"), { "a, b": ["a", "b"], a: ["a"], "a,,b": no, "": no }, [
      [
        ["a", "b"],
        ["a", "b"],
      ],
      [[], []],
      ["a", no],
      [[1], no],
      [[""], no],
    ]);
  });

  it("a word that stands for a list, or a list", () => {
    check<string | readonly string[]>(
      wordOrList(["any"], list("name,…")),
      { any: "any", "a,b": ["a", "b"], "": no },
      [
        ["any", "any"],
        [["a"], ["a"]],
        ["other", no],
      ],
    );
  });
});
