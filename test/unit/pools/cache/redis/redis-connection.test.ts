import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SluiceError } from "../../../../../src/errors/index.ts";
import {
  RedisConnection,
  type RedisConnectionOptions,
} from "../../../../../src/pools/cache/redis/redis-connection.ts";
import { FakeRedis, FakeReplyError } from "../../../../support/fake-redis.ts";
import { inTime, waitFor } from "../../../../support/wait-for.ts";

interface Setup {
  readonly redis: FakeRedis;
  readonly connection: RedisConnection;
  readonly lost: [SluiceError, boolean][];
  connects: number;
}

function setup(given: Partial<RedisConnectionOptions> = {}): Setup {
  const redis = new FakeRedis();
  const lost: [SluiceError, boolean][] = [];
  const connection = new RedisConnection({
    name: "cache",
    create: redis.create,
    isReply: redis.isReply,
    greeting: [["SCRIPT", "LOAD", "x"]],
    connectTimeoutMs: 60_000,
    commandTimeoutMs: 60_000,
    maxLifetimeMs: 60_000,
    onConnect: () => {
      made.connects += 1;
    },
    onLost: (error, isStalled) => lost.push([error, isStalled]),
    ...given,
  });
  const made: Setup = { redis, connection, lost, connects: 0 };
  return made;
}

const never = (): Promise<never> => new Promise(() => {});

describe("RedisConnection", () => {
  it("connects once for all who want it, and greets", async () => {
    const made = setup();
    assert.equal(made.connection.isReady, false);
    await Promise.all([made.connection.connect(), made.connection.connect()]);
    await made.connection.connect();
    assert.equal(made.redis.clients.length, 1);
    assert.equal(made.connects, 1);
    assert.deepEqual(
      made.redis.clients[0]?.sent.map(([name]) => name),
      ["PING", "SCRIPT"],
    );
    assert.equal(made.connection.isReady, true);
  });

  it("needs no answer to its greeting but to the first command", async () => {
    const { redis, connection } = setup();
    redis.answer = (args) => (args[0] === "PING" ? "PONG" : Promise.reject(new FakeReplyError("NOPERM")));
    await connection.connect();
    assert.equal(connection.isReady, true);
  });

  it("says why it can't connect, and tries again when it is asked again", async () => {
    const { redis, connection } = setup();
    redis.connecting = () => Promise.reject(new Error("connect ECONNREFUSED"));
    await assert.rejects(connection.connect(), { code: "SLUICE_UNREACHABLE", message: /ECONNREFUSED/ });
    redis.connecting = async () => {};
    redis.answer = () => Promise.reject(new FakeReplyError("NOAUTH Authentication required."));
    await assert.rejects(connection.connect(), { code: "SLUICE_CREDENTIALS_REFUSED" });
    assert.ok(redis.clients.every(({ isDestroyed }) => isDestroyed));
    redis.answer = () => "PONG";
    await connection.connect();
  });

  it("waits no longer than it may for a connection", async () => {
    const { redis, connection } = setup({ connectTimeoutMs: 1 });
    redis.answer = never;
    await assert.rejects(inTime("the end of it", connection.connect()), {
      code: "SLUICE_UNREACHABLE",
      message: /within 1 ms/,
    });
    assert.equal(redis.clients[0]?.isDestroyed, true);
  });

  it("gives answers, and what the server says is wrong", async () => {
    const { redis, connection, lost } = setup();
    await connection.connect();
    redis.answer = ([name]) => (name === "GET" ? "value" : Promise.reject(new FakeReplyError("ERR no")));
    const both = [connection.send(["GET", "a"]), connection.send(["NO"])] as const;
    assert.equal(connection.inFlight, 2);
    assert.equal(await both[0], "value");
    await assert.rejects(both[1], { code: "SLUICE_QUERY_FAILED" });
    assert.equal(connection.inFlight, 0);
    assert.deepEqual(lost, []);
  });

  it("isn't ready before it is connected", async () => {
    await assert.rejects(setup().connection.send(["GET", "a"]), { code: "SLUICE_UNREACHABLE" });
  });

  it("gives up a server of which nothing has come back in time, with all that is under way", async () => {
    const { redis, connection, lost } = setup({ commandTimeoutMs: 1 });
    await connection.connect();
    redis.answer = never;
    const both = await inTime(
      "the end",
      Promise.allSettled([connection.send(["A"]), connection.send(["B"])]),
    );
    const codes = both.map((one) => one.status === "rejected" && one.reason.code);
    assert.equal(codes[0], "SLUICE_QUERY_TIMEOUT");
    assert.match(String(codes[1]), /SLUICE_(QUERY_TIMEOUT|CONNECTION_LOST)/);
    assert.equal(lost.length, 1);
    assert.equal(lost[0]?.[1], true);
    assert.equal(connection.isReady, false);
    assert.equal(redis.clients[0]?.isDestroyed, true);
    redis.answer = () => "PONG";
    await connection.connect();
    assert.equal(redis.clients.length, 2);
  });

  it("keeps a server that is only slow with one command", async () => {
    const { redis, connection, lost } = setup({ commandTimeoutMs: 100 });
    await connection.connect();
    redis.answer = ([name]) => (name === "SLOW" ? never() : "fast");
    const slow = connection.send(["SLOW"]);
    const late = assert.rejects(inTime("its deadline", slow), { code: "SLUICE_QUERY_TIMEOUT" });
    await connection.send(["FAST"]);
    await late;
    assert.deepEqual(lost, []);
    assert.equal(connection.isReady, true);
  });

  it("is lost when it breaks, with all that is under way", async () => {
    const { redis, connection, lost } = setup();
    await connection.connect();
    redis.answer = never;
    const sent = connection.send(["GET", "a"]);
    redis.clients[0]?.break();
    await assert.rejects(sent, { code: "SLUICE_CONNECTION_LOST", message: /ECONNRESET/ });
    assert.equal(lost.length, 1);
    assert.equal(lost[0]?.[1], false);
    assert.equal(connection.isReady, false);
    await waitFor("it to be let go", () => redis.clients[0]?.isDestroyed === true);
  });

  it("is replaced when it is old, without anybody waiting", async () => {
    const made = setup({ maxLifetimeMs: 1 });
    await made.connection.connect();
    await waitFor("another one", async () => {
      await made.connection.send(["GET", "a"]);
      return made.connects > 1;
    });
    assert.equal(made.redis.clients[0]?.isClosed, true);
    assert.deepEqual(made.lost, []);
  });

  it("keeps the old one if there is no new one", async () => {
    const { redis, connection } = setup({ maxLifetimeMs: 1 });
    await connection.connect();
    redis.connecting = () => Promise.reject(new Error("no"));
    await waitFor("a try", async () => {
      await connection.send(["GET", "a"]);
      return redis.clients.length > 1;
    });
    assert.equal(connection.isReady, true);
  });

  it("lets go when it is closed, also while it connects", async () => {
    const { redis, connection, lost } = setup();
    await connection.connect();
    connection.close();
    assert.equal(redis.clients[0]?.isDestroyed, true);
    assert.equal(connection.isReady, false);
    const other = setup();
    const connecting = other.connection.connect();
    other.connection.close();
    await assert.rejects(connecting, { code: "SLUICE_UNREACHABLE" });
    assert.equal(other.redis.clients[0]?.isDestroyed, true);
    assert.deepEqual(lost, []);
  });
});
