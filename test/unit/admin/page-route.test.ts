import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { describe, it } from "node:test";
import type { HttpAnswer } from "../../../src/admin/http-answer.ts";
import { pageRoute } from "../../../src/admin/page-route.ts";

const route = pageRoute();

function get(
  path: string,
  headers: Record<string, string> = { host: "localhost:8765" },
): HttpAnswer | undefined {
  return route(path, { headers } as unknown as IncomingMessage);
}

describe("pageRoute", () => {
  it("serves the page at / and everything it refers to", () => {
    const page = get("/");
    assert.equal(page?.headers["Content-Type"], "text/html; charset=utf-8");
    const html = String(page?.body);
    const referred = [...html.matchAll(/(?:src|href)="(\/page\/[^"]+)"/g)].map(([, path]) => path as string);
    assert.ok(referred.includes("/page/theme.css") && referred.includes("/page/page.js"));
    for (const path of referred) assert.equal(get(path)?.status, 200, path);
  });

  it("serves every file of the page's folder, and every script that one imports", () => {
    const folder = new URL("../../../src/admin/page/", import.meta.url);
    for (const file of readdirSync(folder)) {
      const answer = get(file === "index.html" ? "/" : `/page/${file}`);
      assert.equal(answer?.status, 200, file);
      for (const [, imported] of String(answer?.body).matchAll(/from "\.\/([^"]+)"/g)) {
        assert.equal(get(`/page/${imported}`)?.status, 200, imported);
      }
    }
  });

  it("serves nothing else of the disk", () => {
    for (const path of [
      "/page/",
      "/page/../page-route.ts",
      "/page/%2e%2e/index.ts",
      "/index.html",
      "/page/index.html",
    ]) {
      assert.equal(get(path), undefined, path);
    }
  });

  it("takes nothing from elsewhere: its policy names this server alone, and its files no other", () => {
    const policy = get("/")?.headers["Content-Security-Policy"] ?? "";
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'self';/);
    assert.match(policy, /connect-src 'self' ws:\/\/localhost:8765 wss:\/\/localhost:8765;/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|\*|https?:/);
    const html = String(get("/")?.body);
    assert.doesNotMatch(html, /(?:src|href|action)="(?:https?:)?\/\//);
    // What the policy would block: styles and scripts within the page.
    assert.doesNotMatch(html, /\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\ssrc=)/);
  });

  it("doesn't let a Host header write into the policy", () => {
    for (const host of ["a; script-src *", "evil.test *", "x\ty", "", "é"]) {
      const policy = get("/", { host })?.headers["Content-Security-Policy"] ?? "";
      assert.match(policy, /connect-src 'self';/, host);
      assert.equal(policy.match(/script-src/g)?.length, 1);
    }
    assert.match(
      get("/", { host: "[::1]:80" })?.headers["Content-Security-Policy"] ?? "",
      /ws:\/\/\[::1\]:80/,
    );
  });

  it("never inserts text as HTML", () => {
    for (const file of [
      "page.js",
      "conversation.js",
      "message-log.js",
      "live-feed.js",
      "traffic.js",
      "sparkline.js",
    ]) {
      assert.doesNotMatch(
        String(get(`/page/${file}`)?.body),
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/,
      );
    }
  });

  it("answers 304 to a browser that has the file already", () => {
    const etag = get("/page/page.css")?.headers["ETag"] ?? "";
    const again = get("/page/page.css", { host: "h", "if-none-match": etag });
    assert.equal(again?.status, 304);
    assert.equal(again?.body, "");
    // What comes with a 304 takes the place of what the browser has kept.
    const page = get("/");
    const pageAgain = get("/", { host: "localhost:8765", "if-none-match": page?.headers["ETag"] ?? "" });
    assert.equal(pageAgain?.status, 304);
    assert.deepEqual(pageAgain?.headers, page?.headers);
    assert.equal(get("/page/page.css", { host: "h", "if-none-match": '"other"' })?.status, 200);
  });
});
