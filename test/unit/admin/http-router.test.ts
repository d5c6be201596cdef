import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type HttpRoute, textAnswer } from "../../../src/admin/http-answer.ts";
import { httpRouter } from "../../../src/admin/http-router.ts";
import { serveHttp } from "../../support/serve-http.ts";

const one: HttpRoute = (path) => (path === "/one" ? textAnswer(200, "one") : undefined);
const rest: HttpRoute = (path) => (path.startsWith("/o") ? textAnswer(200, `rest ${path}`) : undefined);

describe("httpRouter", () => {
  it("lets the first route answer that knows the path", async () => {
    await using http = await serveHttp(httpRouter([one, rest]));
    assert.equal((await http.request("GET", "/one")).body, "one\n");
    assert.equal((await http.request("GET", "/other")).body, "rest /other\n");
  });

  it("answers 404 for what nobody knows", async () => {
    await using http = await serveHttp(httpRouter([one]));
    assert.equal((await http.request("GET", "/two")).status, 404);
    assert.equal((await http.request("GET", "/one/../../etc/passwd")).status, 404);
  });

  it("answers 405 for other methods, with those that there are, and doesn't wait for their body", async () => {
    await using http = await serveHttp(httpRouter([one]));
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      const { status, headers } = await http.request(method, "/one", { "Content-Length": "1000000" });
      assert.equal(status, 405);
      assert.equal(headers["allow"], "GET, HEAD");
      assert.equal(headers.connection, "close");
    }
  });

  it("looks at the path alone: without a query, and out of an absolute target", async () => {
    await using http = await serveHttp(httpRouter([one]));
    for (const target of ["/one?x=1", "/one?", "http://localhost/one", "http://localhost/one?a/b"]) {
      assert.equal((await http.request("GET", target)).status, 200, target);
    }
    for (const target of ["*", "http://localhost", "//one", "/one/"]) {
      assert.equal((await http.request("GET", target)).status, 404, target);
    }
  });
});
