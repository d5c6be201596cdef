import { after, before } from "node:test";
import { openCache } from "../../../src/pools/cache/open-cache.ts";
import { cacheContract } from "../../support/cache-contract.ts";
import type { LiveServer } from "../../support/servers/live-server.ts";
import { redisSkip, startRedis } from "../../support/servers/redis.ts";

let redis: LiveServer | undefined;

before(async () => {
  if (redisSkip === false) redis = await startRedis();
});
after(() => redis?.kill());

cacheContract("redis:", (options) => openCache(redis?.url ?? "", options), redisSkip);
cacheContract(
  "redis: by three connections",
  (options) => openCache(redis?.url ?? "", { connections: 3, keyPrefix: "three:", ...options }),
  redisSkip,
);
