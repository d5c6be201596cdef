import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { invalidUrl } from "../../../src/pools/invalid-url.ts";

describe("invalidUrl", () => {
  it("says what is wrong with which URL, and what led to it", () => {
    const cause = new Error("mine");
    const error = invalidUrl(new URL("redis://localhost:6379/x"), "its path is wrong", cause);
    assert.equal(error.code, "SLUICE_INVALID_URL");
    assert.equal(error.message, "Correct the URL redis://localhost:6379/x: its path is wrong.");
    assert.equal(error.cause, cause);
    assert.ok(!("cause" in invalidUrl("sqlite:", "it names no file")));
  });

  it("shows nothing that may be a password, and leaves the URL as it is", () => {
    for (const [href, shown] of [
      ["redis://me:secret@localhost/1", "redis://***@localhost/1"],
      ["redis://me:12/secret@localhost/1", "redis://***@localhost/1"],
      ["redis://me:12#secret@localhost/1", "redis://***@localhost/1"],
      ["redis://me:12?secret@localhost/1", "redis://***@localhost/1"],
      ["redis:secret@localhost", "redis:***@localhost"],
      ["mysql://localhost/test?password=secret#x", "mysql://localhost/test?***"],
    ] as const) {
      const url = new URL(href);
      for (const form of [url, href])
        assert.equal(invalidUrl(form, "it is wrong").message, `Correct the URL ${shown}: it is wrong.`);
      assert.equal(url.href, href);
    }
  });
});
