import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { describe, it } from "node:test";
import { echo } from "../support/handlers.ts";
import { startServer } from "../support/test-server.ts";
import { WsClient } from "../support/ws-client.ts";

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === "::1"),
);

describe("localhost", () => {
  it("is served on both loopback families", { skip: !hasIpv6 }, async (t) => {
    const server = await startServer(t, { handler: echo, host: "localhost" });
    const { port } = server;
    assert.equal(server.url, `ws://localhost:${port}`);
    assert.deepEqual(server.addresses, [`127.0.0.1:${port}`, `[::1]:${port}`]);
    for (const host of ["127.0.0.1", "[::1]", "localhost"]) {
      const client = await WsClient.open(t, `ws://${host}:${port}`);
      client.send(host);
      assert.equal(await client.next(), host);
    }
    const addresses = [...server.connections].map(({ request }) => request.remoteAddress);
    assert.ok(addresses.includes("127.0.0.1") && addresses.includes("::1"));
  });

  it("is no name under which a page of elsewhere gets in", async (t) => {
    const server = await startServer(t, { handler: echo, host: "localhost" });
    const { port } = server;
    const rebound = { headers: { Host: `evil.example:${port}` }, origin: `http://evil.example:${port}` };
    assert.equal((await WsClient.refused(`ws://127.0.0.1:${port}`, rebound)).status, 421);
    await WsClient.open(t, `ws://127.0.0.1:${port}`, { origin: `http://127.0.0.1:${port}` });
  });
});
