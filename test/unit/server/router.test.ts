import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { resolveOptions } from "../../../src/server/resolve-options.ts";
import { problemOfRoutePattern, Router } from "../../../src/server/router.ts";

function router(patterns: readonly string[], hasFallback = false): Router {
  const options = resolveOptions({
    routes: Object.fromEntries(patterns.map((pattern) => [pattern, () => {}])),
    ...(hasFallback && { handler: () => {} }),
  });
  return new Router(options.routes, options.fallback);
}

/** The pattern and the params that a path finds; undefined for none. */
function find(where: Router, path: string): unknown {
  const match = where.find(path);
  return match && [match.route.pattern, { ...match.params }];
}

describe("Router", () => {
  it("finds exact paths, exactly", () => {
    const routes = router(["/", "/echo", "/a/b"]);
    assert.deepEqual(find(routes, "/"), ["/", {}]);
    assert.deepEqual(find(routes, "/echo"), ["/echo", {}]);
    assert.deepEqual(find(routes, "/a/b"), ["/a/b", {}]);
    for (const path of ["/echo/", "//echo", "/Echo", "/a", "/a/b/c", "", "echo", "/%65cho", "/constructor"]) {
      assert.equal(find(routes, path), undefined, path);
    }
  });

  it("gives what stands in the place of names, decoded", () => {
    const routes = router(["/group/:name", "/:a/x/:b"]);
    assert.deepEqual(find(routes, "/group/lobby"), ["/group/:name", { name: "lobby" }]);
    assert.deepEqual(find(routes, "/group/a%20b%2Fc"), ["/group/:name", { name: "a b/c" }]);
    assert.deepEqual(find(routes, "/1/x/2"), ["/:a/x/:b", { a: "1", b: "2" }]);
    assert.deepEqual(find(routes, "/group/__proto__"), ["/group/:name", { name: "__proto__" }]);
  });

  it("doesn't match an empty name, or one that isn't validly encoded", () => {
    const routes = router(["/group/:name"]);
    for (const path of [
      "/group/",
      "/group",
      "/group/a/b",
      "/group/%",
      "/group/%zz",
      "/group/%c3%28",
      "/group/%00%ff",
    ]) {
      assert.equal(find(routes, path), undefined, path);
    }
  });

  it("gives the rest of a path", () => {
    const routes = router(["/files/*", "/:user/files/*"]);
    assert.deepEqual(find(routes, "/files/a/b/c"), ["/files/*", { "*": "a/b/c" }]);
    assert.deepEqual(find(routes, "/files/"), ["/files/*", { "*": "" }]);
    assert.equal(find(routes, "/files"), undefined);
    assert.deepEqual(find(routes, "/me/files/x%20y"), ["/:user/files/*", { user: "me", "*": "x%20y" }]);
  });

  it("has a name in a pattern that objects have too", () => {
    const match = router(["/:__proto__/:constructor"]).find("/a/b");
    assert.equal(match?.params["constructor"], "b");
    assert.equal(Object.getPrototypeOf(match?.params), null);
  });

  it("prefers exact paths, then the first pattern, then the handler of all others", () => {
    const routes = router(["/:any", "/exact", "/:other", "/*"], true);
    assert.deepEqual(find(routes, "/exact"), ["/exact", {}]);
    assert.deepEqual(find(routes, "/else"), ["/:any", { any: "else" }]);
    assert.deepEqual(find(routes, "/a/b"), ["/*", { "*": "a/b" }]);
    assert.deepEqual(find(router(["/exact"], true), "/else"), ["*", {}]);
  });

  it("takes time that grows with a path's length only", () => {
    const routes = router(["/:a/:b/:c/:d/*", "/a/:b/c/:d"]);
    const path = `${"/a".repeat(100_000)}`;
    assert.deepEqual((find(routes, path) as unknown[])[0], "/:a/:b/:c/:d/*");
  });
});

describe("problemOfRoutePattern", () => {
  it("finds none in what can be matched", () => {
    for (const pattern of ["/", "/a", "/a/", "//a", "/:a/:b", "/a/*", "/*", "/a%20b", "/a:b", "/__proto__"])
      assert.equal(problemOfRoutePattern(pattern), undefined, pattern);
  });

  it("says what never matches", () => {
    for (const [pattern, problem] of [
      ["a", /begins with a slash/],
      ["/a?b", /has neither \?/],
      ["/a b", /write it as clients send it: \/a%20b/],
      ["/é", /write it as clients send it: \/%C3%A9/],
      ["/a/../b", /write it as clients send it: \/b/],
      ["/x*", /last segment, and all of it/],
      ["/*/a", /last segment, and all of it/],
      ["/a/:", /followed by a name/],
      ["/:a/:a", /a name twice/],
    ] as const)
      assert.match(String(problemOfRoutePattern(pattern)), problem, pattern);
  });
});
