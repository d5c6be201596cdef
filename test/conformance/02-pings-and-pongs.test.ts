import { describe, it } from "node:test";
import { assertEvents, type DecoderEvent, ping, pong } from "../support/decoder-harness.ts";

const long = Buffer.alloc(125, 0xfe);
const numbers = Array.from({ length: 10 }, (_, index) => `payload-${index}`);

// RFC 6455 §5.5.2, §5.5.3. That pongs carry the payload of their ping is checked by echoing every event.
describe("pings and pongs", () => {
  it("2.1 a ping without payload", () => {
    assertEvents([ping()], [["ping", Buffer.alloc(0)]]);
  });

  it("2.2 a ping with a text payload", () => {
    assertEvents([ping("Hello, world!")], [["ping", Buffer.from("Hello, world!")]]);
  });

  it("2.3 a ping with a payload that isn't UTF-8", () => {
    const payload = Buffer.from([0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff]);
    assertEvents([ping(payload)], [["ping", payload]]);
  });

  it("2.4 and 2.6 a ping with 125 bytes", () => {
    assertEvents([ping(long)], [["ping", long]]);
  });

  it("2.5 a ping with 126 bytes", () => {
    assertEvents([ping(Buffer.alloc(126, 0xfe))], [["violation", 1002]]);
  });

  it("2.7 a pong that nobody asked for, without payload", () => {
    assertEvents([pong()], [["pong", Buffer.alloc(0)]]);
  });

  it("2.8 a pong that nobody asked for, with a payload", () => {
    assertEvents([pong("unsolicited pong payload")], [["pong", Buffer.from("unsolicited pong payload")]]);
  });

  it("2.9 a pong that nobody asked for, then a ping", () => {
    assertEvents(
      [pong("unsolicited"), ping("ping payload")],
      [
        ["pong", Buffer.from("unsolicited")],
        ["ping", Buffer.from("ping payload")],
      ],
    );
  });

  it("2.10 and 2.11 ten pings in a row, in their order", () => {
    assertEvents(
      numbers.map((payload) => ping(payload)),
      numbers.map((payload): DecoderEvent => ["ping", Buffer.from(payload)]),
    );
  });

  it("a pong with 126 bytes", () => {
    assertEvents([pong(Buffer.alloc(126))], [["violation", 1002]]);
  });
});
