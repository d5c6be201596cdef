import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { openCache } from "../../../src/pools/cache/open-cache.ts";
import { freePort } from "../../support/servers/free-port.ts";
import type { LiveServer } from "../../support/servers/live-server.ts";
import { redisSkip, startRedis } from "../../support/servers/redis.ts";
import { TemporaryFolder } from "../../support/temporary-folder.ts";
import { tlsIdentity } from "../../support/tls-identity.ts";

describe("a Redis over TLS", { skip: redisSkip }, () => {
  const folder = new TemporaryFolder();
  let redis: LiveServer;
  let port: number;
  before(async () => {
    port = await freePort();
    // The server may run as another user. Certificate and key are public.
    chmodSync(folder.path, 0o755);
    redis = await startRedis({
      "tls-port": String(port),
      "tls-cert-file": folder.write("cert.pem", tlsIdentity.cert),
      "tls-key-file": folder.write("key.pem", tlsIdentity.key),
      "tls-auth-clients": "no",
    });
  });
  after(async () => {
    folder.remove();
    if (redisSkip === false) await redis.kill();
  });

  it("is used if its certificate is trusted, by name and by address", async () => {
    for (const host of ["localhost", "127.0.0.1"]) {
      const cache = await openCache(`rediss://${host}:${port}`, { tls: { ca: tlsIdentity.cert } });
      await cache.set("a", host);
      assert.equal(await cache.get("a"), host);
      assert.equal(await cache.getOrLoad("b", { ttlMs: 60_000 }, () => 1), 1);
      await cache.close();
    }
  });

  it("isn't used if its certificate is not", async () => {
    const cache = await openCache(`rediss://localhost:${port}`);
    await assert.rejects(cache.open(), { code: "SLUICE_UNREACHABLE", message: /certificate/ });
    await cache.close();
  });

  it("isn't used if it doesn't speak TLS", async () => {
    const cache = await openCache(`rediss://127.0.0.1:${redis.port}`, { connectTimeoutMs: 2_000 });
    await assert.rejects(cache.open(), { code: "SLUICE_UNREACHABLE" });
    await cache.close();
  });
});
