import assert from "node:assert/strict";
import { test } from "node:test";
import { localAddressFor } from "../../../../src/cli/bench/endpoint.ts";

test("one address has ports enough for the first 20,000 connections", () => {
  assert.equal(localAddressFor("127.0.0.1", 0), undefined);
  assert.equal(localAddressFor("127.0.0.1", 19_999), undefined);
});

test("further connections come from further addresses, all of them loopback", () => {
  assert.equal(localAddressFor("127.0.0.1", 20_000), "127.0.0.2");
  assert.equal(localAddressFor("127.0.0.1", 999_999), "127.0.0.50");
  assert.equal(localAddressFor("127.0.0.1", 20_000 * 256), "127.0.1.1");
});

test("elsewhere the system chooses", () => {
  assert.equal(localAddressFor("::1", 50_000), undefined);
  assert.equal(localAddressFor("192.0.2.1", 50_000), undefined);
});
