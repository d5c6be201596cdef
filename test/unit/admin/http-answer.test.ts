import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { jsonAnswer, sendAnswer, textAnswer } from "../../../src/admin/http-answer.ts";
import { serveHttp } from "../../support/serve-http.ts";

describe("sendAnswer", () => {
  it("sends status, headers and body, with the headers that keep a browser from misusing it", async () => {
    await using http = await serveHttp((request, response) => {
      sendAnswer(request, response, textAnswer(404, "Nothing here.", { Allow: "GET" }));
    });
    const { status, headers, body } = await http.request("GET", "/");
    assert.equal(status, 404);
    assert.equal(body, "Nothing here.\n");
    assert.equal(headers["content-length"], "14");
    assert.equal(headers["content-type"], "text/plain; charset=utf-8");
    assert.equal(headers["allow"], "GET");
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["referrer-policy"], "no-referrer");
    assert.match(String(headers["content-security-policy"]), /default-src 'none'.*frame-ancestors 'none'/);
  });

  it("answers HEAD with the same headers and no body", async () => {
    await using http = await serveHttp((request, response) => {
      sendAnswer(request, response, textAnswer(200, "four"));
    });
    const { headers, body } = await http.request("HEAD", "/");
    assert.equal(headers["content-length"], "5");
    assert.equal(body, "");
  });

  it("sends no body and no length with 304", async () => {
    await using http = await serveHttp((request, response) => {
      sendAnswer(request, response, { status: 304, headers: { ETag: '"a"' }, body: "" });
    });
    const { status, headers, body } = await http.request("GET", "/");
    assert.equal(status, 304);
    assert.equal(headers["content-length"], undefined);
    assert.equal(body, "");
  });

  it("closes the connection where a body was announced, and stays on it where none was", async () => {
    await using http = await serveHttp((request, response) => {
      sendAnswer(request, response, textAnswer(200, "ok"));
    });
    const connectionAfter = async (headers: Record<string, string>): Promise<string | undefined> =>
      (await http.request("GET", "/", headers)).headers.connection;
    assert.equal(await connectionAfter({ "Content-Length": "5" }), "close");
    assert.equal(await connectionAfter({ "Transfer-Encoding": "chunked" }), "close");
    assert.notEqual(await connectionAfter({ Connection: "keep-alive" }), "close");
    assert.notEqual(await connectionAfter({ Connection: "keep-alive", "Content-Length": "0" }), "close");
  });
});

describe("jsonAnswer", () => {
  it("is JSON that no cache keeps", () => {
    const answer = jsonAnswer(503, { status: "draining" });
    assert.equal(answer.status, 503);
    assert.deepEqual(JSON.parse(answer.body.toString()), { status: "draining" });
    assert.equal(answer.headers["Cache-Control"], "no-store");
    assert.equal(answer.headers["Content-Type"], "application/json; charset=utf-8");
  });
});
