import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseDatabaseUrl } from "../../../../src/pools/database/database-url.ts";

describe("parseDatabaseUrl", () => {
  for (const [url, path] of [
    ["sqlite:chat.db", "chat.db"],
    ["sqlite::memory:", ":memory:"],
    ["sqlite:/var/lib/chat.db", "/var/lib/chat.db"],
    ["sqlite:///var/lib/chat.db", "/var/lib/chat.db"],
    ["sqlite:../data/chat 1.db", "../data/chat 1.db"],
    ["SQLite:chat.db", "chat.db"],
  ] as const) {
    it(`reads ${url}`, () => {
      assert.deepEqual(parseDatabaseUrl(url), { dialect: "sqlite", scheme: "sqlite", target: { path } });
    });
  }

  for (const [url, dialect, scheme] of [
    ["postgres://u:p@host:5432/name", "postgres", "postgres"],
    ["postgresql://host/name", "postgres", "postgresql"],
    ["mysql://root@localhost:3306/test", "mysql", "mysql"],
    ["mariadb://root@localhost/test", "mysql", "mariadb"],
  ] as const) {
    it(`reads ${url}`, () => {
      assert.deepEqual(parseDatabaseUrl(url), { dialect, scheme, url: new URL(url) });
      assert.deepEqual(parseDatabaseUrl(new URL(url)), { dialect, scheme, url: new URL(url) });
    });
  }

  it("says which schemes there are", () => {
    assert.throws(() => parseDatabaseUrl("oracle://scott:tiger@host/x"), {
      code: "SLUICE_UNKNOWN_SCHEME",
      message: /sqlite:, postgres:\/\/.* instead of oracle:/,
    });
    assert.throws(() => parseDatabaseUrl("constructor:x"), { code: "SLUICE_UNKNOWN_SCHEME" });
  });

  for (const url of [
    "chat.db",
    "",
    "sqlite:",
    "sqlite:a\0b",
    "mysql:host/x",
    "mysql://root:sec/ret@host/x",
    "mysql://root:sec#ret@host/x",
    "mysql://root:sec?ret@host/x",
    "postgres://u:sec%ret@host/x",
    "postgres://u:1/secret@host/x",
    "postgres://u:secret@host:port/x?password=secret",
  ]) {
    it(`refuses ${JSON.stringify(url)} without showing a password`, () => {
      assert.throws(
        () => parseDatabaseUrl(url),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, "SLUICE_INVALID_URL");
          assert.ok(!/sec|ret\b/.test(error.message), error.message);
          assert.equal(error.cause, undefined);
          return true;
        },
      );
    });
  }
});
