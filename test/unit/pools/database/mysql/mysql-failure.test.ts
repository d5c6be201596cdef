import assert from "node:assert/strict";
import { it } from "node:test";
import { classifyMysqlError, endsConnection } from "../../../../../src/pools/database/mysql/mysql-failure.ts";
import {
  ConnectError,
  LostError,
  NotStartedError,
} from "../../../../../src/pools/database/servers/connection-errors.ts";

const sent = (errno: number): Error => Object.assign(new Error(String(errno)), { errno, sqlState: "HY000" });
const kind = (error: unknown): string => classifyMysqlError(error).kind;

it("tells errors of MySQL apart by their numbers", () => {
  for (const [number, expected] of [
    [1213, "conflict"],
    [1205, "conflict"],
    [1317, "cancelled"],
    [1062, "constraint"],
    [1048, "constraint"],
    [1452, "constraint"],
    [4025, "constraint"],
    [3819, "constraint"],
    [1053, "lost"],
    [1064, "statement"],
    [1052, "statement"],
  ] as const)
    assert.equal(kind(sent(number)), expected, String(number));
});

it("tells apart what went wrong while connecting", () => {
  for (const [number, expected] of [
    [1045, "credentials"],
    [1049, "credentials"],
    [1044, "credentials"],
    [1040, "unreachable"],
  ] as const)
    assert.equal(kind(new ConnectError(sent(number))), expected, String(number));
  assert.equal(kind(new ConnectError(new Error("connect ETIMEDOUT"))), "unreachable");
});

it("knows what was lost and what never began", () => {
  assert.equal(kind(new LostError("gone")), "lost");
  assert.equal(kind(new NotStartedError()), "cancelled");
});

it("knows after what a connection is of no use", () => {
  assert.equal(endsConnection(sent(1064)), false);
  assert.equal(endsConnection(sent(1927)), true);
  assert.equal(endsConnection(new Error("read ECONNRESET")), true);
});
