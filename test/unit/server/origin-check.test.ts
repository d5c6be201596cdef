import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defaultHosts, isAllowedHost, isAllowedOrigin } from "../../../src/server/origin-check.ts";
import { upgradeRequest } from "../../support/fake-connection.ts";

const from = (Origin?: string, Host = "example.com:8765"): ReturnType<typeof upgradeRequest> =>
  upgradeRequest("/", { Host, Origin });

describe("isAllowedOrigin", () => {
  it("lets in what doesn't come from a page", () => {
    for (const origins of ["same-origin", "any", ["https://good.example"], []] as const) {
      assert.equal(isAllowedOrigin(from(), false, origins), true);
    }
  });

  it("lets in pages of this server's own origin", () => {
    assert.equal(isAllowedOrigin(from("http://example.com:8765"), false, "same-origin"), true);
    assert.equal(isAllowedOrigin(from("https://example.com:8765"), true, "same-origin"), true);
    assert.equal(
      isAllowedOrigin(from("https://example.com", "example.com"), false, "same-origin"),
      true,
      "by a proxy",
    );
  });

  it("knows the port that an origin doesn't have and a Host header may", () => {
    assert.equal(isAllowedOrigin(from("https://example.com", "example.com:443"), false, "same-origin"), true);
    assert.equal(isAllowedOrigin(from("http://example.com", "example.com:80"), false, "same-origin"), true);
    assert.equal(isAllowedOrigin(from("http://example.com", "example.com:443"), false, "same-origin"), false);
    assert.equal(isAllowedOrigin(from("https://example.com", "example.com:80"), false, "same-origin"), false);
    assert.equal(isAllowedOrigin(from("http://example.com", "example.com:80"), true, "same-origin"), false);
  });

  it("lets in no other page", () => {
    for (const origin of [
      "http://example.com",
      "http://example.com:80",
      "http://evil.example",
      "http://example.com:8765.evil.example",
      "http://example.com:8765@evil.example",
      "http://sub.example.com:8765",
      "http://EXAMPLE.com:8765",
      "http://example.com:8765/",
      "ftp://example.com:8765",
      "null",
      "",
    ]) {
      assert.equal(isAllowedOrigin(from(origin), false, "same-origin"), false, origin);
    }
    assert.equal(
      isAllowedOrigin(from("http://example.com:8765"), true, "same-origin"),
      false,
      "not encrypted",
    );
  });

  it("lets in those of a list, exactly", () => {
    const origins = ["https://good.example", "https://other.example:444"];
    assert.equal(isAllowedOrigin(from("https://good.example"), false, origins), true);
    for (const origin of [
      "http://good.example",
      "https://good.example:443",
      "https://good.example.evil.example",
      "https://other.example",
      "http://example.com:8765",
    ]) {
      assert.equal(isAllowedOrigin(from(origin), false, origins), false, origin);
    }
  });

  it("lets in all where it is told to", () => {
    assert.equal(isAllowedOrigin(from("https://evil.example"), false, "any"), true);
    assert.equal(isAllowedOrigin(from("null"), false, "any"), true);
  });
});

describe("defaultHosts", () => {
  it("are the names of loopback for a server that listens there only", () => {
    for (const host of ["localhost", "127.0.0.1", "::1", "127.0.0.5"]) {
      const hosts = defaultHosts(host);
      for (const name of ["localhost", "127.0.0.1", "[::1]", host]) assert.ok(hosts?.includes(name), name);
    }
  });

  it("are any for one that others reach", () => {
    for (const host of ["0.0.0.0", "::", "192.0.2.1", "example.com"])
      assert.equal(defaultHosts(host), undefined);
  });
});

describe("isAllowedHost", () => {
  const hosts = ["localhost", "[::1]", "example.com"];

  it("lets pages reach the server under its names, with any port", () => {
    for (const host of ["localhost", "localhost:8765", "[::1]:8765", "EXAMPLE.com:1"]) {
      assert.equal(isAllowedHost(from("http://x.example", host), hosts), true, host);
    }
  });

  it("lets them under no other", () => {
    for (const host of ["evil.example", "localhost.evil.example:8765", "[::2]:8765", "example.com.:80"]) {
      assert.equal(isAllowedHost(from("http://x.example", host), hosts), false, host);
    }
  });

  it("doesn't concern what isn't a page, or a server that has any name", () => {
    assert.equal(isAllowedHost(from(undefined, "evil.example"), hosts), true);
    assert.equal(isAllowedHost(from("http://evil.example", "evil.example"), undefined), true);
  });
});
