import assert from "node:assert/strict";
import { it } from "node:test";
import { shownUrl } from "../../../src/pools/shown-url.ts";

it("shows all of a URL but its password, and leaves the URL as it is", () => {
  const url = new URL("redis://me:secret@localhost:6379/1");
  assert.equal(shownUrl(url), "redis://me:***@localhost:6379/1");
  assert.equal(url.password, "secret");
  assert.equal(shownUrl(new URL("redis://localhost")), "redis://localhost");
});
