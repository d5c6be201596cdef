import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Opcode } from "../../src/websocket/opcode.ts";
import {
  assertEvents,
  continuation,
  type DecoderEvent,
  DecoderHarness,
  fragments,
  frame,
  ping,
  text,
} from "../support/decoder-harness.ts";

const failed: DecoderEvent = ["violation", 1002];
const two = fragments(Opcode.text, ["fragment1", "fragment2"]);
const [first, second] = two as [Buffer, Buffer];

// RFC 6455 §5.4. The suite's pairs of cases differ only in how the bytes are cut, which is done here for every case.
describe("fragmentation", () => {
  it("5.1 a fragmented ping", () => {
    assertEvents(
      [frame({ opcode: Opcode.ping, fin: false, payload: "fragment1" }), continuation("fragment2")],
      [failed],
    );
  });

  it("5.2 a fragmented pong", () => {
    assertEvents(
      [frame({ opcode: Opcode.pong, fin: false, payload: "fragment1" }), continuation("fragment2")],
      [failed],
    );
  });

  it("5.3 to 5.5 a text message in two fragments", () => {
    assertEvents(two, [["message", "fragment1fragment2"]]);
  });

  it("5.6 to 5.8 a ping between the fragments of a message", () => {
    assertEvents(
      [first, ping("pongme"), second],
      [
        ["ping", Buffer.from("pongme")],
        ["message", "fragment1fragment2"],
      ],
    );
  });

  it("5.9 to 5.11 a last fragment where there is nothing to continue, then a text message", () => {
    assertEvents([continuation("non-continuation payload"), text("Hello, world!")], [failed]);
  });

  it("5.12 to 5.14 a fragment where there is nothing to continue, then a text message", () => {
    assertEvents([continuation("non-continuation payload", { fin: false }), text("Hello, world!")], [failed]);
  });

  it("5.15 a message in two fragments, then a fragment with nothing to continue, then a text message", () => {
    assertEvents(
      [...two, continuation("fragment3", { fin: false }), text("fragment4")],
      [["message", "fragment1fragment2"], failed],
    );
  });

  for (const [number, fin] of [
    ["5.16", false],
    ["5.17", true],
  ] as const) {
    it(`${number} twice: a fragment with FIN ${fin ? "set" : "not set"} and nothing to continue, then a message`, () => {
      const round = [
        continuation("fragment1", { fin }),
        text("fragment2", { fin: false }),
        continuation("fragment3"),
      ];
      assertEvents([...round, ...round], [failed]);
    });
  }

  it("5.18 a message in two fragments, both with the opcode of text", () => {
    assertEvents([text("fragment1", { fin: false }), text("fragment2")], [failed]);
  });

  it("5.19 and 5.20 a message in five fragments, with pings between them, and waiting in between", () => {
    const parts = fragments(Opcode.text, ["fragment1", "fragment2", "fragment3", "fragment4", "fragment5"]);
    const before = [...parts.slice(0, 2), ping("pongme 1!")];
    const after = [...parts.slice(2, 4), ping("pongme 2!"), ...parts.slice(4)];
    assertEvents(
      [...before, ...after],
      [
        ["ping", Buffer.from("pongme 1!")],
        ["ping", Buffer.from("pongme 2!")],
        ["message", "fragment1fragment2fragment3fragment4fragment5"],
      ],
    );
    const harness = new DecoderHarness();
    harness.push(Buffer.concat(before));
    assert.deepEqual(harness.events, [["ping", Buffer.from("pongme 1!")]]);
    assert.equal(harness.decoder.isMidMessage, true);
    harness.push(Buffer.concat(after));
    assert.equal(harness.events.length, 3);
    assert.equal(harness.decoder.isMidMessage, false);
  });

  it("binary messages, empty fragments, and a close frame between fragments", () => {
    const parts = [Buffer.from([1]), Buffer.alloc(0), Buffer.from([0xff]), Buffer.alloc(0)];
    assertEvents(fragments(Opcode.binary, parts), [["message", Buffer.from([1, 0xff])]]);
    assertEvents(fragments(Opcode.binary, [Buffer.alloc(0), Buffer.alloc(0)]), [
      ["message", Buffer.alloc(0)],
    ]);
    assertEvents([first, frame({ opcode: Opcode.close }), second], [["close", 1005, ""]]);
  });

  it("another message within a fragmented one, of either kind", () => {
    for (const opcode of [Opcode.text, Opcode.binary]) {
      for (const fin of [true, false]) assertEvents([first, frame({ opcode, fin }), second], [failed]);
    }
  });
});

describe("limits of fragmentation", () => {
  it("counts every fragment, empty ones too", () => {
    const limits = { maxFragments: 5 };
    const allowed = fragments(Opcode.text, ["a", "", "b", "", "c"]);
    const tooMany = fragments(Opcode.text, ["", "", "", "", "", ""]);
    assertEvents(
      [...allowed, ...allowed],
      [
        ["message", "abc"],
        ["message", "abc"],
      ],
      { limits },
    );
    assertEvents(tooMany, [["violation", 1008]], { limits });
  });

  it("holds the fragments of a message to its limit of bytes together, from the header alone", () => {
    const limits = { maxMessageBytes: 10 };
    assertEvents(fragments(Opcode.text, ["12345", "67890"]), [["message", "1234567890"]], { limits });
    assertEvents(fragments(Opcode.text, ["12345", "678901"]), [["violation", 1009]], { limits });
    const headerOnly = Buffer.concat([text("12345", { fin: false }), Buffer.from([0x80, 0x86, 1, 2, 3, 4])]);
    assertEvents([headerOnly], [["violation", 1009]], { limits });
  });
});
