import { describe, it } from "node:test";
import { assertEvents, type DecoderEvent, frame, ping, text } from "../support/decoder-harness.ts";

const hello = text("Hello, world!");
const received: DecoderEvent = ["message", "Hello, world!"];
const failed: DecoderEvent = ["violation", 1002];

// RFC 6455 §5.2: "If an unknown opcode is received, the receiving endpoint MUST _Fail the WebSocket Connection_."
for (const [section, name, first] of [
  ["4.1", "reserved opcodes of data frames", 3],
  ["4.2", "reserved opcodes of control frames", 11],
] as const) {
  describe(name, () => {
    it(`${section}.1 opcode ${first} without payload`, () => {
      assertEvents([frame({ opcode: first })], [failed]);
    });

    it(`${section}.2 opcode ${first + 1} with a payload`, () => {
      assertEvents([frame({ opcode: first + 1, payload: "reserved opcode payload" })], [failed]);
    });

    it(`${section}.3 a text message, then opcode ${first + 2}, then a ping`, () => {
      assertEvents([hello, frame({ opcode: first + 2 }), ping()], [received, failed]);
    });

    it(`${section}.4 a text message, then opcode ${first + 3} with a payload, then a ping`, () => {
      assertEvents([hello, frame({ opcode: first + 3, payload: "reserved" }), ping()], [received, failed]);
    });

    it(`${section}.5 a text message, then opcode ${first + 4} with a payload, then a ping`, () => {
      assertEvents([hello, frame({ opcode: first + 4, payload: "reserved" }), ping()], [received, failed]);
    });
  });
}

describe("the first byte of a connection", () => {
  it("all 256 of them, masked and not: only frames that may begin one are taken", () => {
    const known: Record<number, DecoderEvent[]> = {
      129: [["message", ""]],
      130: [["message", Buffer.alloc(0)]],
      136: [["close", 1005, ""]],
      137: [["ping", Buffer.alloc(0)]],
      138: [["pong", Buffer.alloc(0)]],
      // The first fragment of a text or a binary message.
      1: [],
      2: [],
    };
    for (let first = 0; first < 256; first++) {
      const masked = Buffer.from([first, 0x80, 1, 2, 3, 4]);
      assertEvents([masked], known[first] ?? [failed]);
      assertEvents([Buffer.from([first, 0x00])], [failed]);
    }
  });
});
