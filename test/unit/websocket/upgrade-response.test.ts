import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { acceptKey, encodeUpgradeResponse } from "../../../src/websocket/upgrade-response.ts";

const key = "dGhlIHNhbXBsZSBub25jZQ==";

describe("acceptKey", () => {
  it("gives the value of RFC 6455 §1.3", () => {
    assert.equal(acceptKey(key), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  });

  it("is the SHA-1 of the key and the RFC's suffix", () => {
    for (let round = 0; round < 20; round++) {
      const random = randomBytes(16).toString("base64");
      const expected = createHash("sha1")
        .update(`${random}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest("base64");
      assert.equal(acceptKey(random), expected);
    }
  });
});

describe("encodeUpgradeResponse", () => {
  it("is the answer of RFC 6455 §1.3", () => {
    assert.equal(
      encodeUpgradeResponse(key).toString(),
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
    );
  });

  it("adds what was chosen, byte for byte", () => {
    const response = encodeUpgradeResponse(key, {
      subprotocol: "chat",
      extensions: "permessage-deflate; client_max_window_bits=12",
      headers: { "Set-Cookie": "a=\xe9" },
    });
    assert.ok(
      response
        .toString("latin1")
        .endsWith(
          "xOo=\r\nSec-WebSocket-Protocol: chat\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=12\r\n" +
            "Set-Cookie: a=\xe9\r\n\r\n",
        ),
    );
  });

  it("can't be split", () => {
    assert.throws(() => encodeUpgradeResponse(key, { subprotocol: "a\r\nB: c" }), TypeError);
    assert.throws(() => encodeUpgradeResponse(key, { subprotocol: "" }), TypeError);
    assert.throws(() => encodeUpgradeResponse(key, { subprotocol: "a, b" }), TypeError);
    assert.throws(() => encodeUpgradeResponse(key, { extensions: "a\r\nB: c" }), TypeError);
    assert.throws(() => encodeUpgradeResponse(key, { headers: { A: "a\r\nB: c" } }), TypeError);
    assert.throws(() => encodeUpgradeResponse(key, { headers: { "A: b\r\nC": "d" } }), TypeError);
  });

  it("keeps what the handshake sets to itself", () => {
    for (const name of [
      "upgrade",
      "Connection",
      "Sec-WebSocket-Accept",
      "SEC-WEBSOCKET-PROTOCOL",
      "Content-Length",
    ]) {
      assert.throws(() => encodeUpgradeResponse(key, { headers: { [name]: "x" } }), TypeError);
    }
  });
});
