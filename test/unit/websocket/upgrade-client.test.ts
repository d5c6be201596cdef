import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeRefusal } from "../../../src/websocket/refusal.ts";
import { parseRequestHead } from "../../../src/websocket/request-head.ts";
import {
  encodeUpgradeRequest,
  parseUpgradeResponse,
  type UpgradeAnswer,
  type UpgradeExpectation,
} from "../../../src/websocket/upgrade-client.ts";
import { encodeUpgradeResponse } from "../../../src/websocket/upgrade-response.ts";
import { validateUpgrade } from "../../../src/websocket/upgrade-validation.ts";

const key = "dGhlIHNhbXBsZSBub25jZQ==";
const offered: UpgradeExpectation = { key, subprotocols: ["chat", "talk"], extensions: true };

function answer(text: string, expected: UpgradeExpectation = offered): UpgradeAnswer {
  return parseUpgradeResponse(Buffer.from(text, "latin1"), expected);
}

function reason(text: string, expected: UpgradeExpectation = offered): string {
  const given = answer(text, expected);
  assert.ok(given.kind === "refused", given.kind);
  return given.reason;
}

const good = encodeUpgradeResponse(key).toString();

describe("encodeUpgradeRequest", () => {
  it("makes a request that a server takes", () => {
    const bytes = encodeUpgradeRequest({
      host: "localhost:8765",
      target: "/a?b",
      key,
      subprotocols: ["chat", "talk"],
      extensions: "permessage-deflate",
      headers: { Origin: "http://localhost" },
    });
    const parse = parseRequestHead(bytes, 0, bytes.length, { maxHeaderBytes: 16_384, maxHeaderCount: 100 });
    assert.ok(parse.kind === "head" && parse.end === bytes.length);
    const validation = validateUpgrade(parse.head);
    assert.ok(validation.kind === "upgrade");
    assert.equal(validation.request.target, "/a?b");
    assert.equal(validation.request.key, key);
    assert.deepEqual(validation.request.subprotocols, ["chat", "talk"]);
    assert.equal(validation.request.extensions[0]?.name, "permessage-deflate");
    assert.equal(validation.request.origin, "http://localhost");
  });

  it("refuses what can't be sent in its place", () => {
    const fine = { host: "a", target: "/", key };
    assert.ok(encodeUpgradeRequest(fine).length > 0);
    for (const wrong of [
      { target: "a" },
      { target: "/a b" },
      { target: "/\r\nA: b" },
      { target: "/\xe9" },
      { host: "" },
      { host: "a\r\nB: c" },
      { key: "a\r\nB: c" },
      { subprotocols: ["a b"] },
      { extensions: "a\r\nB: c" },
      { headers: { Host: "b" } },
      { headers: { A: "b\r\nC: d" } },
    ]) {
      assert.throws(() => encodeUpgradeRequest({ ...fine, ...wrong }), TypeError, JSON.stringify(wrong));
    }
  });
});

describe("parseUpgradeResponse", () => {
  it("says what was agreed on, and where the head ends", () => {
    assert.deepEqual(answer(`${good}frames`), {
      kind: "upgraded",
      subprotocol: "",
      extensions: undefined,
      end: good.length,
    });
    const full = encodeUpgradeResponse(key, { subprotocol: "talk", extensions: "permessage-deflate" });
    assert.deepEqual(parseUpgradeResponse(full, offered), {
      kind: "upgraded",
      subprotocol: "talk",
      extensions: "permessage-deflate",
      end: full.length,
    });
  });

  it("waits for the whole head", () => {
    for (let end = 0; end < good.length; end++) assert.equal(answer(good.slice(0, end)).kind, "incomplete");
  });

  it("gives the status of a refusal", () => {
    const refusal = encodeRefusal({ status: 503, message: "full" });
    assert.deepEqual(parseUpgradeResponse(refusal, offered), {
      kind: "refused",
      status: 503,
      reason: "Service Unavailable",
    });
    assert.deepEqual(answer("HTTP/1.1 404\r\n\r\n"), { kind: "refused", status: 404, reason: "" });
  });

  it("refuses a 101 that isn't the answer to its request", () => {
    assert.match(reason(good.replace("Upgrade: websocket", "Upgrade: h2c")), /Upgrade/);
    assert.match(reason(good.replace("Upgrade: websocket\r\n", "")), /Upgrade/);
    assert.match(reason(good.replace("Connection: Upgrade", "Connection: close")), /Connection/);
    assert.match(reason(good.replace("s3pP", "S3pP")), /Accept/);
    assert.match(reason(good.replace(/Sec-WebSocket-Accept.*\r\n/, "")), /Accept/);
    const chosen = encodeUpgradeResponse(key, { subprotocol: "other" }).toString();
    assert.match(reason(chosen), /subprotocol/);
    assert.match(
      reason(encodeUpgradeResponse(key, { subprotocol: "chat" }).toString(), { key }),
      /subprotocol/,
    );
    assert.match(reason(encodeUpgradeResponse(key, { extensions: "x" }).toString(), { key }), /extension/);
  });

  it("takes the answer's Upgrade and Connection in any case", () => {
    assert.equal(answer(good.replace("Upgrade: websocket", "UPGRADE: WebSocket")).kind, "upgraded");
    assert.equal(
      answer(good.replace("Connection: Upgrade", "connection: keep-alive, upgrade")).kind,
      "upgraded",
    );
  });

  it("refuses what isn't HTTP/1.1", () => {
    for (const text of [
      "SSH-2.0-x\n",
      "HTTP/1.1 abc\r\n\r\n",
      "HTTP/1.0 101 a\r\n\r\n",
      "HTTP/1.1 1010\r\n\r\n",
      "\r\n\r\n",
    ]) {
      const given = answer(text);
      assert.equal(given.kind === "refused" && given.status, 0, text);
    }
    assert.equal(answer(good.replace("Upgrade: ", " Upgrade: ")).kind, "refused");
    assert.equal(answer("a".repeat(65_536)).kind, "refused");
  });
});
