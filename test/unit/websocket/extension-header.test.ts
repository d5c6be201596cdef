import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseExtensions } from "../../../src/websocket/extension-header.ts";
import { countCharacterReads } from "../../support/counted-work.ts";

function plain(value: string): [name: string, params: [string, string | true][]][] | undefined {
  return parseExtensions(value)?.map(({ name, params }) => [name, [...params]]);
}

describe("parseExtensions", () => {
  it("reads names and parameters in their order", () => {
    assert.deepEqual(
      plain("permessage-deflate; client_max_window_bits; server_max_window_bits=10, x-other"),
      [
        [
          "permessage-deflate",
          [
            ["client_max_window_bits", true],
            ["server_max_window_bits", "10"],
          ],
        ],
        ["x-other", []],
      ],
    );
    assert.deepEqual(plain(" a\t;b = c ;d , a "), [
      [
        "a",
        [
          ["b", "c"],
          ["d", true],
        ],
      ],
      ["a", []],
    ]);
  });

  it("unquotes values that are tokens when unquoted", () => {
    assert.deepEqual(plain('a; b="c"; d="\\e\\f"'), [
      [
        "a",
        [
          ["b", "c"],
          ["d", "ef"],
        ],
      ],
    ]);
    for (const value of ['a; b=""', 'a; b="c d"', 'a; b="c,d"', 'a; b="c\\"d"', 'a; b="c\\\\d"']) {
      assert.equal(parseExtensions(value), undefined, value);
    }
  });

  it("keeps the first of a parameter given twice, and says so", () => {
    const [offer] = parseExtensions("a; b=1; b=2") ?? [];
    assert.equal(offer?.hasDuplicates, true);
    assert.equal(offer?.params.get("b"), "1");
    assert.equal(parseExtensions("a; b=1; c=2")?.[0]?.hasDuplicates, false);
  });

  for (const value of [
    ...[
      "",
      " ",
      ",",
      ";",
      "a,",
      ",a",
      "a,,b",
      "a;",
      "a; ;b",
      "a; =b",
      "a; b=",
      "a; b=;c",
      "a b",
      "a; b c",
      "a; b=c d",
    ],
    ...[
      '"a"',
      'a; b="c',
      'a; b="',
      'a; b="\\',
      'a; b="c\\"',
      'a; b=c"',
      'a; b="c"d',
      "a/b",
      "ä",
      ",;constructor",
    ],
  ]) {
    it(`takes ${JSON.stringify(value)} for malformed`, () => {
      assert.equal(parseExtensions(value), undefined);
    });
  }

  it("takes the names of Object.prototype for names like any other", () => {
    for (const name of Object.getOwnPropertyNames(Object.prototype)) {
      const [offer] = parseExtensions(`${name}; ${name}=1`) ?? [];
      assert.equal(offer?.name, name);
      assert.deepEqual([...(offer?.params ?? [])], [[name, "1"]]);
    }
    assert.equal(parseExtensions("a")?.[0]?.params.get("constructor"), undefined);
  });

  it("looks at each character a constant number of times, whatever it is", () => {
    const shapes: ((size: number) => string)[] = [
      (size) => `a; b="${"\\c".repeat(size / 2)}`,
      (size) => `a; b="${"\\".repeat(size)}`,
      (size) => `a; b="${"c".repeat(size)}"`,
      (size) => `a; b="${"\\\\".repeat(size / 2)}"`,
      (size) => `a${" ".repeat(size)}b`,
      (size) => `a${";b".repeat(size / 2)}`,
      (size) => `a${",a".repeat(size / 2)},`,
      (size) => `a; b=${"=".repeat(size)}`,
    ];
    for (const shape of shapes) {
      for (const size of [1000, 4000, 16000]) {
        const value = shape(size);
        const reads = countCharacterReads(() => parseExtensions(value));
        assert.ok(
          reads <= value.length * 6 + 10,
          `${reads} reads of ${value.length} characters: ${value.slice(0, 10)}`,
        );
      }
    }
  });

  it("gives back any list that is written by the grammar", () => {
    const token = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,10}$/);
    const value = fc.tuple(token, fc.constantFrom("token", "quoted", "escaped"));
    const params = fc.uniqueArray(fc.tuple(token, fc.option(value)), {
      selector: ([name]) => name,
      maxLength: 5,
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(token, params), { minLength: 1, maxLength: 5 }), (extensions) => {
        const written = extensions.map(([name, given]) =>
          [name, ...given.map(([key, of]) => key + writeValue(of))].join("; "),
        );
        assert.deepEqual(
          plain(written.join(", ")),
          extensions.map(([name, given]) => [
            name,
            given.map(([key, of]) => [key, of === null ? true : of[0]]),
          ]),
        );
      }),
    );
  });
});

function writeValue(value: [string, string] | null): string {
  if (value === null) return "";
  const [text, form] = value;
  if (form === "token") return `=${text}`;
  return form === "quoted" ? `="${text}"` : `="${text.replace(/./g, "\\$&")}"`;
}
