import { describe, it } from "node:test";
import { Opcode } from "../../src/websocket/opcode.ts";
import { assertEvents, fragments, ping } from "../support/decoder-harness.ts";

const payload = "*".repeat(65_536);

function pieces(size: number): string[] {
  return Array.from({ length: Math.ceil(payload.length / size) }, (_, index) =>
    payload.slice(index * size, (index + 1) * size),
  );
}

describe("a message that its sender cuts into frames of one size", () => {
  it("10.1.1 64 KiB in frames of 1,300 bytes", () => {
    assertEvents(fragments(Opcode.text, pieces(1300)), [["message", payload]]);
  });

  it("in frames whose size is at a border of the length's encoding", () => {
    for (const size of [1, 125, 126, 127, 65_535]) {
      assertEvents(fragments(Opcode.text, pieces(size)), [["message", payload]], {
        chunkSizes: [Number.POSITIVE_INFINITY, 1, 997],
      });
    }
  });

  it("with a ping after each frame", () => {
    const frames = fragments(Opcode.text, pieces(13_000));
    const expected = frames.slice(0, -1).map(() => ["ping", Buffer.from("a")] as const);
    assertEvents(
      frames.flatMap((each, index) => (index < frames.length - 1 ? [each, ping("a")] : [each])),
      [...expected, ["message", payload]],
    );
  });
});
