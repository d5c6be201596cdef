import { describe, it } from "node:test";
import { Opcode } from "../../src/websocket/opcode.ts";
import { assertEvents, binary, continuation, frame, ping, text } from "../support/decoder-harness.ts";

const hello = text("Hello, world!");

// RFC 6455 §5.2: "RSV1, RSV2, RSV3: MUST be 0 unless an extension is negotiated that defines meanings for non-zero values."
describe("reserved bits", () => {
  it("3.1 RSV 1 in a text frame", () => {
    assertEvents([text("Hello, world!", { rsv: 1 })], [["violation", 1002]]);
  });

  for (const [number, rsv] of [
    ["3.2", 2],
    ["3.3", 3],
    ["3.4", 4],
  ] as const) {
    it(`${number} a text message, then RSV ${rsv} in a text frame, then a ping`, () => {
      assertEvents(
        [hello, text("Hello, world!", { rsv }), ping()],
        [
          ["message", "Hello, world!"],
          ["violation", 1002],
        ],
      );
    });
  }

  it("3.5 RSV 5 in a binary frame", () => {
    assertEvents([binary(Buffer.from([0, 0xff]), { rsv: 5 })], [["violation", 1002]]);
  });

  it("3.6 RSV 6 in a ping", () => {
    assertEvents([frame({ opcode: Opcode.ping, rsv: 6, payload: "Hello, world!" })], [["violation", 1002]]);
  });

  it("3.7 RSV 7 in a close frame", () => {
    assertEvents([frame({ opcode: Opcode.close, rsv: 7 })], [["violation", 1002]]);
  });

  it("every other use of a reserved bit", () => {
    for (let rsv = 1; rsv < 8; rsv++) {
      for (const opcode of [Opcode.text, Opcode.binary, Opcode.close, Opcode.ping, Opcode.pong]) {
        assertEvents([frame({ opcode, rsv })], [["violation", 1002]]);
      }
      assertEvents([text("a", { fin: false }), continuation("b", { rsv })], [["violation", 1002]]);
    }
  });
});

describe("reserved bits with permessage-deflate", () => {
  const limits = { compression: true };
  const payload = Buffer.from("f248cdc9c90700", "hex");

  it("RSV1 on the first frame of a message says that it is compressed (RFC 7692 §6)", () => {
    assertEvents(
      [text(payload, { rsv: 4 }), text("a"), binary(payload, { rsv: 4 })],
      [
        ["compressed", payload, true],
        ["message", "a"],
        ["compressed", payload, false],
      ],
      { limits },
    );
    assertEvents(
      [text(payload, { rsv: 4, fin: false }), ping(), continuation(payload)],
      [
        ["ping", Buffer.alloc(0)],
        ["compressed", Buffer.concat([payload, payload]), true],
      ],
      { limits },
    );
  });

  it("RSV1 on another frame is a violation (RFC 7692 §6.1)", () => {
    assertEvents(
      [text(payload, { rsv: 4, fin: false }), continuation(payload, { rsv: 4 })],
      [["violation", 1002]],
      { limits },
    );
    assertEvents([text("a", { fin: false }), continuation(payload, { rsv: 4 })], [["violation", 1002]], {
      limits,
    });
    for (const opcode of [Opcode.close, Opcode.ping, Opcode.pong]) {
      assertEvents([frame({ opcode, rsv: 4 })], [["violation", 1002]], { limits });
    }
  });

  it("the other bits still have no meaning", () => {
    for (const rsv of [1, 2, 3, 5, 6, 7]) {
      assertEvents([text(payload, { rsv })], [["violation", 1002]], { limits });
    }
  });
});
