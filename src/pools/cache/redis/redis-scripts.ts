import { createHash } from "node:crypto";
import { HEADER_BYTES } from "./envelope.ts";

/** A script that Redis runs without anything else in between. */
export interface RedisScript {
  readonly name: string;
  readonly text: string;
  readonly sha: string;
}

/**
 * KEYS: value, lock. ARGV: the header of the value that isn't good enough any more, token, milliseconds. Returns a value that has been
 * stored meanwhile, 0 if the lock is ours, or else how many milliseconds it has left. What isn't text is no value: MGET says so, where GET
 * would fail. A lock that doesn't end by itself is none of ours, and is made to end.
 */
export const claimScript: RedisScript = script(
  "claim",
  `local value = redis.call('MGET', KEYS[1])[1]
if value and string.sub(value, 1, 2) == 's1' and string.sub(value, 1, ${HEADER_BYTES}) ~= ARGV[1] then return value end
if redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[3]) then return 0 end
if redis.call('PTTL', KEYS[2]) == -1 then redis.call('PEXPIRE', KEYS[2], ARGV[3]) end
return math.max(redis.call('PTTL', KEYS[2]), 1)`,
);

/** KEYS: lock. ARGV: token, milliseconds. Returns 1 if the lock is still ours. */
export const renewScript: RedisScript = script(
  "renew",
  `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`,
);

/** KEYS: value, lock. ARGV: token, value, milliseconds, channel. Returns 1 if the lock was still ours, and the value is stored. */
export const storeScript: RedisScript = script(
  "store",
  `if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[2])
redis.call('PUBLISH', ARGV[4], '')
return 1`,
);

/** KEYS: lock. ARGV: token, channel. Returns 1 if the lock was still ours. */
export const releaseScript: RedisScript = script(
  "release",
  `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[2], '')
return 1`,
);

/** All of them. */
export const redisScripts: readonly RedisScript[] = Object.freeze([
  claimScript,
  renewScript,
  storeScript,
  releaseScript,
]);

function script(name: string, text: string): RedisScript {
  return Object.freeze({ name, text, sha: createHash("sha1").update(text).digest("hex") });
}
