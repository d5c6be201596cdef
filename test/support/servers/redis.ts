import { requireBinary, skipWithout } from "./find-binary.ts";
import { freePort } from "./free-port.ts";
import type { LiveServer } from "./live-server.ts";
import { ServerFolder } from "./server-folder.ts";
import { ServerProcess } from "./server-process.ts";

/** Why tests with Redis are left out; false if they aren't. */
export const redisSkip: string | false = skipWithout("Redis", ["redis-server"], "redis-server");

/**
 * Starts an empty Redis, which keeps what it is given in memory alone: a restart empties it.
 *
 * @param settings Settings as in redis.conf, such as `requirepass`.
 */
export async function startRedis(settings: Readonly<Record<string, string>> = {}): Promise<LiveServer> {
  const folder = new ServerFolder();
  const port = await freePort();
  const all = {
    bind: "127.0.0.1",
    port: String(port),
    dir: folder.path,
    save: "",
    appendonly: "no",
    ...settings,
  };
  const { requirepass: password } = settings;
  return ServerProcess.start({
    binary: requireBinary("redis-server"),
    argv: Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]),
    folder,
    port,
    url: `redis://${password === undefined ? "" : `:${password}@`}127.0.0.1:${port}`,
    ready: /Ready to accept connections/,
  });
}
