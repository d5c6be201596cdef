import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { isLoopback, resolveAddress } from "../../../../src/cli/bench/target-address.ts";
import { parseTarget } from "../../../../src/cli/connect-target.ts";
import { portOf } from "../../../support/port-of.ts";

for (const address of ["127.0.0.1", "127.255.3.4", "::1", "::ffff:127.0.0.1"]) {
  test(`${address} is loopback`, () => assert.ok(isLoopback(address)));
}
for (const address of ["10.0.0.1", "128.0.0.1", "0.0.0.0", "::", "::2", "fe80::1", "::ffff:10.0.0.1"]) {
  test(`${address} isn't loopback`, () => assert.ok(!isLoopback(address)));
}

test("an address is taken as it is", async () => {
  assert.equal(await resolveAddress(parseTarget("ws://127.0.0.1:1/"), false), "127.0.0.1");
  assert.equal(await resolveAddress(parseTarget("ws://[::1]:1/"), false), "::1");
});

test("another machine is refused, unless that is allowed", async () => {
  const target = parseTarget("ws://192.0.2.1/");
  await assert.rejects(resolveAddress(target, false), {
    code: "SLUICE_REMOTE_TARGET",
    message: /192\.0\.2\.1/,
  });
  assert.equal(await resolveAddress(target, true), "192.0.2.1");
});

test("a name stands for an address at which somebody listens", async (t) => {
  const server = createServer((socket) => socket.on("error", () => {}));
  const port = await portOf(server);
  t.after(() => server.close());
  assert.equal(await resolveAddress(parseTarget(`ws://localhost:${port}/`), false), "127.0.0.1");
});

test("an unknown name is a failure to connect", async () => {
  const target = parseTarget("ws://nobody.invalid/");
  await assert.rejects(resolveAddress(target, true), { code: "SLUICE_CONNECT_FAILED" });
});
