import { describe, it } from "node:test";
import { Opcode } from "../../src/websocket/opcode.ts";
import {
  assertEvents,
  close,
  type DecoderEvent,
  fragments,
  frame,
  ping,
  text,
} from "../support/decoder-harness.ts";

const failed: DecoderEvent = ["violation", 1002];

// RFC 6455 §5.5.1, §7. "The application MUST NOT send any more data frames after sending a Close frame": what comes after
// one is ignored, whatever it is.
describe("closing: the order of frames", () => {
  it("7.1.1 a message, then a close frame", () => {
    assertEvents(
      [text("Hello World!"), close(1000)],
      [
        ["message", "Hello World!"],
        ["close", 1000, ""],
      ],
    );
  });

  it("7.1.2 two close frames", () => assertEvents([close(1000), close(1001)], [["close", 1000, ""]]));

  it("7.1.3 a close frame, then a ping", () => assertEvents([close(1000), ping()], [["close", 1000, ""]]));

  it("7.1.4 a close frame, then a text message", () => {
    assertEvents([close(1000), text("Hello World!")], [["close", 1000, ""]]);
  });

  it("7.1.5 a fragment, then a close frame, then the other fragment", () => {
    const [first, second] = fragments(Opcode.text, ["fragment1", "fragment2"]) as [Buffer, Buffer];
    assertEvents([first, close(1000), second], [["close", 1000, ""]]);
  });

  it("7.1.6 a message of 256 KiB, another one, a close frame, then a ping", () => {
    const large = "BAsd7&jh23".repeat(26_215).slice(0, 262_144);
    assertEvents(
      [text(large), text("Hello World!"), close(1000), ping()],
      [
        ["message", large],
        ["message", "Hello World!"],
        ["close", 1000, ""],
      ],
    );
  });

  it("a close frame, then bytes that are no frames at all, even a thousand more close frames", () => {
    assertEvents([close(1000), Buffer.alloc(100, 0xff)], [["close", 1000, ""]]);
    assertEvents([close(1000), ...Array<Buffer>(1000).fill(close(1002))], [["close", 1000, ""]]);
  });
});

describe("closing: the length of the body", () => {
  it("7.3.1 no body", () => assertEvents([close()], [["close", 1005, ""]]));

  it("7.3.2 a body of one byte", () =>
    assertEvents([frame({ opcode: Opcode.close, payload: "a" })], [failed]));

  it("7.3.3 a body of two bytes", () => assertEvents([close(1000)], [["close", 1000, ""]]));

  it("7.3.4 a code and a reason", () =>
    assertEvents([close(1000, "Hello World!")], [["close", 1000, "Hello World!"]]));

  it("7.3.5 a reason of 123 bytes", () => {
    assertEvents([close(1000, "*".repeat(123))], [["close", 1000, "*".repeat(123)]]);
  });

  it("7.3.6 a reason of 124 bytes", () => assertEvents([close(1000, "*".repeat(124))], [failed]));
});

describe("closing: the reason", () => {
  it("7.5.1 a reason that isn't UTF-8", () => {
    const invalid = Buffer.from("cebae1bdb9cf83cebcceb5eda080656469746564", "hex");
    assertEvents([close(1000, invalid)], [["violation", 1007]]);
  });

  it("a reason that ends within a character", () => {
    assertEvents([close(1000, Buffer.from("e282", "hex"))], [["violation", 1007]]);
  });

  it("a reason beyond ASCII", () => assertEvents([close(4000, "schön 🌊")], [["close", 4000, "schön 🌊"]]));
});

describe("closing: valid codes", () => {
  const codes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
  codes.forEach((code, index) => {
    it(`7.7.${index + 1} code ${code}`, () => {
      assertEvents([close(code)], [["close", code, ""]]);
      assertEvents([close(code, "reason")], [["close", code, "reason"]]);
    });
  });

  it("1012 to 1014, which IANA has registered since", () => {
    for (const code of [1012, 1013, 1014]) assertEvents([close(code)], [["close", code, ""]]);
  });
});

describe("closing: invalid codes", () => {
  [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999].forEach((code, index) => {
    it(`7.9.${index + 1} code ${code}`, () => {
      assertEvents([close(code)], [failed]);
      assertEvents([close(code, "reason")], [failed]);
    });
  });

  // Left open by the suite; refused here, as they are outside of what RFC 6455 §7.4.2 defines.
  [5000, 65_535].forEach((code, index) => {
    it(`7.13.${index + 1} code ${code}`, () => assertEvents([close(code)], [failed]));
  });

  it("1015, which is never on the wire", () => assertEvents([close(1015)], [failed]));
});
