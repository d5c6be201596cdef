import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeRefusal } from "../../../src/websocket/refusal.ts";

describe("encodeRefusal", () => {
  it("is a whole response that closes the connection", () => {
    assert.equal(
      encodeRefusal({ status: 405, message: "Use GET", headers: { Allow: "GET" } }).toString(),
      "HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n" +
        "Content-Length: 7\r\nAllow: GET\r\n\r\nUse GET",
    );
  });

  it("counts the bytes of the message, not its characters", () => {
    const response = encodeRefusal({ status: 503, message: "später 🌊" }).toString();
    assert.match(response, /Content-Length: 12\r\n/);
    assert.ok(response.endsWith("\r\n\r\nspäter 🌊"));
  });

  it("lets the application choose the type of its message", () => {
    const response = encodeRefusal({
      status: 401,
      message: "{}",
      headers: { "content-type": "application/json" },
    });
    assert.match(response.toString(), /content-type: application\/json/);
    assert.doesNotMatch(response.toString(), /text\/plain/);
  });

  it("has a reason phrase for a status that it doesn't know", () => {
    assert.ok(encodeRefusal({ status: 499, message: "" }).toString().startsWith("HTTP/1.1 499 Refused\r\n"));
  });

  it("never opens a tunnel or pretends success", () => {
    for (const status of [0, 99, 100, 101, 200, 204, 299, 600, 400.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => encodeRefusal({ status, message: "" }), RangeError, String(status));
    }
  });

  it("doesn't let headers change where the response ends, or split it", () => {
    for (const name of ["Connection", "content-length", "Transfer-Encoding", "Upgrade"]) {
      assert.throws(() => encodeRefusal({ status: 400, message: "", headers: { [name]: "1" } }), TypeError);
    }
    assert.throws(
      () => encodeRefusal({ status: 400, message: "", headers: { Location: "/\r\nA: b" } }),
      TypeError,
    );
  });
});
