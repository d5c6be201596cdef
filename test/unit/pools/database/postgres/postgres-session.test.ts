import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PgClient } from "../../../../../src/pools/database/postgres/pg-module.ts";
import {
  type PostgresParts,
  PostgresSession,
} from "../../../../../src/pools/database/postgres/postgres-session.ts";
import { SessionCall } from "../../../../../src/pools/database/servers/session-call.ts";
import type { PooledSession } from "../../../../../src/pools/database/servers/session-keeper.ts";

// What it does with a server shows in test/integration/pools/postgres.test.ts; here is what no statement that is taken brings about.
describe("PostgresSession", () => {
  interface Seen {
    readonly forgotten: string[];
    readonly wasBroken: boolean[];
    destroyed: number;
  }

  function sessionOf(client: Partial<PgClient>): { session: PostgresSession; seen: Seen } {
    const seen: Seen = { forgotten: [], wasBroken: [], destroyed: 0 };
    const stream = { destroy: () => (seen.destroyed += 1) };
    const fake = { connection: { stream }, on: () => {}, ...client } as unknown as PgClient;
    const session = new PostgresSession({ types: {} } as unknown as PostgresParts, fake, {
      release: (each: PooledSession) => seen.wasBroken.push(each.isBroken),
      forget: (_: PooledSession, reason: string) => seen.forgotten.push(reason),
    });
    return { session, seen };
  }

  function released(status: string): Seen {
    const { session, seen } = sessionOf({ getTransactionStatus: () => status });
    session.release();
    return seen;
  }

  it("is given up when a statement was sent in part", async () => {
    const failure = new Error("too long for a message");
    const { session, seen } = sessionOf({
      getTransactionStatus: () => "I",
      query: () => {
        throw failure;
      },
    });
    const call = new SessionCall({ sql: "SELECT 1", params: [], access: "read", maxRows: 1 }, false);
    call.take(session);
    await assert.rejects(call.result, failure);
    assert.deepEqual(seen.wasBroken, [true]);
    assert.equal(seen.destroyed, 1);
  });

  it("is used again outside of a transaction", () => {
    assert.deepEqual(released("I"), { forgotten: [], wasBroken: [false], destroyed: 0 });
  });

  it("is given up when it was left within one, failed or not", () => {
    for (const status of ["T", "E"])
      assert.deepEqual(released(status), {
        forgotten: ["it was left within a transaction"],
        wasBroken: [true],
        destroyed: 1,
      });
  });
});
