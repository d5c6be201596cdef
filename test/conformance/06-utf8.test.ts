import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Opcode } from "../../src/websocket/opcode.ts";
import {
  assertEvents,
  type DecoderEvent,
  DecoderHarness,
  fragments,
  text,
} from "../support/decoder-harness.ts";

const failed: DecoderEvent = ["violation", 1007];
const greek = Buffer.from("cebae1bdb9cf83cebcceb5", "hex"); // κόσμε
const mixed = Buffer.from("Hello-µ@ßöäüàá-UTF-8!!");

function octets(payload: Buffer): Buffer[] {
  return [...payload].map((byte) => Buffer.of(byte));
}

function hex(bytes: string): Buffer {
  return Buffer.from(bytes.replaceAll(" ", ""), "hex");
}

// RFC 6455 §8.1, §5.6
describe("UTF-8: empty messages and fragments", () => {
  it("6.1.1 a text message without payload", () => assertEvents([text("")], [["message", ""]]));

  it("6.1.2 three fragments, all without payload", () => {
    assertEvents(fragments(Opcode.text, ["", "", ""]), [["message", ""]]);
  });

  it("6.1.3 three fragments, the first and the last without payload", () => {
    assertEvents(fragments(Opcode.text, ["", "middle frame payload", ""]), [
      ["message", "middle frame payload"],
    ]);
  });
});

describe("UTF-8: valid text, in fragments", () => {
  it("6.2.1 in one frame", () => assertEvents([text(mixed)], [["message", mixed.toString()]]));

  it("6.2.2 in two fragments, cut between characters", () => {
    assertEvents(fragments(Opcode.text, ["Hello-µ@ßöä", "üàá-UTF-8!!"]), [["message", mixed.toString()]]);
  });

  it("6.2.3 in fragments of one byte, which cut through characters", () => {
    assertEvents(fragments(Opcode.text, octets(mixed)), [["message", mixed.toString()]]);
  });

  it("6.2.4 in fragments of one byte, only characters of several bytes", () => {
    assertEvents(fragments(Opcode.text, octets(greek)), [["message", greek.toString()]]);
  });

  it("a character of four bytes over four fragments, and a BOM that is kept", () => {
    assertEvents(fragments(Opcode.text, octets(Buffer.from("\u{1f30a}"))), [["message", "\u{1f30a}"]]);
    assertEvents(
      [text("\ufeffa"), ...fragments(Opcode.text, octets(Buffer.from("\ufeffa")))],
      [
        ["message", "\ufeffa"],
        ["message", "\ufeffa"],
      ],
    );
  });
});

describe("UTF-8: invalid text, in fragments", () => {
  const invalid = Buffer.concat([greek, hex("eda080"), Buffer.from("edited")]);

  it("6.3.1 in one frame", () => assertEvents([text(invalid)], [failed]));

  it("6.3.2 in fragments of one byte", () => assertEvents(fragments(Opcode.text, octets(invalid)), [failed]));
});

describe("UTF-8: fails fast", () => {
  const edited = hex("656469746564");
  const cases = [
    { number: "1", parts: [greek, hex("f4908080"), edited] },
    {
      number: "2",
      parts: [Buffer.concat([greek, hex("f4")]), hex("90"), Buffer.concat([hex("8080"), edited])],
    },
  ];
  for (const { number, parts } of cases) {
    it(`6.4.${number} with the second of three fragments, before the third`, () => {
      const frames = fragments(Opcode.text, parts);
      assertEvents(frames, [failed]);
      assertFailsAfter(frames.slice(0, 1), frames.slice(1, 2));
    });

    it(`6.4.${Number(number) + 2} with the second of three pieces of one frame, before the third`, () => {
      const whole = text(Buffer.concat(parts));
      const payloadAt = whole.length - Buffer.concat(parts).length;
      const lengths = parts.map((part) => part.length);
      const firstEnd = payloadAt + (lengths[0] ?? 0);
      const secondEnd = firstEnd + (lengths[1] ?? 0);
      assertEvents([whole], [failed]);
      assertFailsAfter([whole.subarray(0, firstEnd)], [whole.subarray(firstEnd, secondEnd)]);
    });
  }

  it("at the very byte that can't be part of valid UTF-8", () => {
    const whole = text(Buffer.concat([greek, hex("f4 90 80 80"), edited]));
    const badAt = whole.length - edited.length - 3;
    for (const chunkSize of [1, Number.POSITIVE_INFINITY]) {
      const harness = new DecoderHarness();
      harness.push(whole.subarray(0, badAt), chunkSize);
      assert.deepEqual(harness.events, []);
      harness.push(whole.subarray(badAt, badAt + 1), chunkSize);
      assert.deepEqual(harness.events, [failed]);
    }
  });

  function assertFailsAfter(fine: Buffer[], bad: Buffer[]): void {
    const harness = new DecoderHarness();
    harness.push(Buffer.concat(fine));
    assert.deepEqual(harness.events, []);
    harness.push(Buffer.concat(bad));
    assert.deepEqual(harness.events, [failed]);
  }
});

/** Payloads in hexadecimal, of which all are valid, or none, or each as it says. */
interface Sequences {
  readonly number: string;
  readonly name: string;
  readonly valid: boolean | readonly boolean[];
  readonly payloads: readonly string[];
}

const incomplete = [
  "c0",
  "e080",
  "f08080",
  "f8808080",
  "fc80808080",
  "df",
  "efbf",
  "f7bfbf",
  "fbbfbfbf",
  "fdbfbfbfbf",
];

/** Bytes that only ever begin a character, each followed by a space. */
function lonely(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, index) => `${(from + index).toString(16)}20`).join("");
}

function nonCharacters(): string[] {
  const planes = ["f0 9f af bf", "f1 8f 9f af bf", "f2 8f 9f af bf", "f3 8f 9f af bf", "f4 8f"];
  const ends = planes.flatMap((plane) => {
    const [first, ...seconds] = plane.split(" ");
    return seconds.flatMap((second) => [`${first}${second}bfbe`, `${first}${second}bfbf`]);
  });
  return ["efbfbe", "efbfbf", ...ends];
}

const sequences: Sequences[] = [
  {
    number: "6.5",
    name: "some valid sequences",
    valid: true,
    payloads: ["24", "c2a2", "e282ac", "f0a4ada2"]
      .map((part) => `68656c6c6f${part}776f726c64`)
      .concat(greek.toString("hex")),
  },
  {
    number: "6.6",
    name: "all prefixes of a valid text",
    valid: [false, true, false, false, true, false, true, false, true, false, true],
    payloads: octets(greek).map((_, index) => greek.toString("hex", 0, index + 1)),
  },
  {
    number: "6.7",
    name: "first sequence of each length",
    valid: true,
    payloads: ["00", "c280", "e0a080", "f0908080"],
  },
  {
    number: "6.8",
    name: "first sequences of five and six bytes",
    valid: false,
    payloads: ["f888808080", "fc8480808080"],
  },
  {
    number: "6.9",
    name: "last sequence of each length",
    valid: true,
    payloads: ["7f", "dfbf", "efbfbf", "f48fbfbf"],
  },
  {
    number: "6.10",
    name: "last sequences of four, five and six bytes",
    valid: false,
    payloads: ["f7bfbfbf", "fbbfbfbfbf", "fdbfbfbfbfbf"],
  },
  {
    number: "6.11",
    name: "other borders",
    valid: [true, true, true, true, false],
    payloads: ["ed9fbf", "ee8080", "efbfbd", "f48fbfbf", "f4908080"],
  },
  {
    number: "6.12",
    name: "continuation bytes with nothing to continue",
    valid: false,
    payloads: [
      ...["80", "bf", "80bf", "80bf80", "80bf80bf", "80bf80bf80", "80bf80bf80bf"],
      Array.from({ length: 0x3f }, (_, index) => (0x80 + index).toString(16)).join(""),
    ],
  },
  {
    number: "6.13",
    name: "lead bytes with no continuation",
    valid: false,
    payloads: [
      lonely(0xc0, 0xdf),
      lonely(0xe0, 0xef),
      lonely(0xf0, 0xf7),
      lonely(0xf8, 0xfb),
      lonely(0xfc, 0xfd),
    ],
  },
  { number: "6.14", name: "the last continuation byte missing", valid: false, payloads: incomplete },
  { number: "6.15", name: "those in a row", valid: false, payloads: [incomplete.join("")] },
  { number: "6.16", name: "impossible bytes", valid: false, payloads: ["fe", "ff", "fefeffff"] },
  {
    number: "6.17",
    name: "overlong forms of a slash",
    valid: false,
    payloads: ["c0af", "e080af", "f08080af", "f8808080af", "fc80808080af"],
  },
  {
    number: "6.18",
    name: "highest overlong forms",
    valid: false,
    payloads: ["c1bf", "e09fbf", "f08fbfbf", "f887bfbfbf", "fc83bfbfbfbf"],
  },
  {
    number: "6.19",
    name: "overlong forms of NUL",
    valid: false,
    payloads: ["c080", "e08080", "f0808080", "f880808080", "fc8080808080"],
  },
  {
    number: "6.20",
    name: "single surrogates",
    valid: false,
    payloads: ["eda080", "edadbf", "edae80", "edafbf", "edb080", "edbe80", "edbfbf"],
  },
  {
    number: "6.21",
    name: "pairs of surrogates",
    valid: false,
    payloads: [
      ...["eda080edb080", "eda080edbfbf", "edadbfedb080", "edadbfedbfbf"],
      ...["edae80edb080", "edae80edbfbf", "edafbfedb080", "edafbfedbfbf"],
    ],
  },
  { number: "6.22", name: "non-characters, which are valid", valid: true, payloads: nonCharacters() },
  {
    number: "6.23",
    name: "specials, such as the replacement character",
    valid: true,
    payloads: ["efbfb9", "efbfba", "efbfbb", "efbfbc", "efbfbd", "efbfbe", "efbfbf"],
  },
];

for (const { number, name, valid, payloads } of sequences) {
  describe(`UTF-8: ${name}`, () => {
    payloads.forEach((payload, index) => {
      const isValid = typeof valid === "boolean" ? valid : valid[index] === true;
      const shown = payload.length > 32 ? `${payload.slice(0, 32)}…` : payload;
      it(`${number}.${index + 1} ${isValid ? "takes" : "refuses"} ${shown}`, () => {
        const bytes = hex(payload);
        const expected: DecoderEvent[] = [isValid ? ["message", bytes.toString()] : failed];
        assertEvents([text(bytes)], expected);
        assertEvents(fragments(Opcode.text, octets(bytes)), expected);
        // The same in the middle of a text that is long enough for the native check.
        const padding = Buffer.alloc(200, "a");
        const long = Buffer.concat([padding, bytes, padding]);
        assertEvents([text(long)], [isValid ? ["message", long.toString()] : failed]);
      });
    });
  });
}

describe("UTF-8: every code point", () => {
  it("takes all but the surrogates, in one frame and in fragments", () => {
    let all = "";
    for (let code = 0; code <= 0x10ffff; code += code < 0x3000 ? 1 : 61) {
      if (code < 0xd800 || code > 0xdfff) all += String.fromCodePoint(code);
    }
    const bytes = Buffer.from(all);
    assertEvents([text(bytes)], [["message", all]], { chunkSizes: [Number.POSITIVE_INFINITY, 1, 97] });
    const parts = Array.from({ length: Math.ceil(bytes.length / 101) }, (_, index) =>
      bytes.subarray(index * 101, index * 101 + 101),
    );
    assertEvents(fragments(Opcode.text, parts), [["message", all]], {
      chunkSizes: [Number.POSITIVE_INFINITY, 97],
    });
  });
});
