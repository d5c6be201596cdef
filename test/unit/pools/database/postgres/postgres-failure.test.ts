import assert from "node:assert/strict";
import { it } from "node:test";
import { classifyPostgresError } from "../../../../../src/pools/database/postgres/postgres-failure.ts";
import {
  ConnectError,
  LostError,
  NotStartedError,
} from "../../../../../src/pools/database/servers/connection-errors.ts";

const sent = (code: string): Error => Object.assign(new Error(code), { code, severity: "ERROR" });
const kind = (error: unknown): string => classifyPostgresError(error).kind;

it("tells errors of PostgreSQL apart by their SQLSTATE", () => {
  for (const [code, expected] of [
    ["40001", "conflict"],
    ["40P01", "conflict"],
    ["57014", "cancelled"],
    ["23505", "constraint"],
    ["23503", "constraint"],
    ["57P01", "lost"],
    ["08006", "lost"],
    ["42601", "statement"],
    ["22P02", "statement"],
  ] as const)
    assert.equal(kind(sent(code)), expected, code);
});

it("tells apart what went wrong while connecting", () => {
  for (const [code, expected] of [
    ["28P01", "credentials"],
    ["28000", "credentials"],
    ["3D000", "credentials"],
    ["53300", "unreachable"],
    ["57P03", "unreachable"],
  ] as const)
    assert.equal(kind(new ConnectError(sent(code))), expected, code);
  assert.equal(
    kind(new ConnectError(Object.assign(new Error("x"), { code: "ECONNREFUSED" }))),
    "unreachable",
  );
});

it("knows what was lost and what never began", () => {
  assert.equal(kind(new LostError("gone")), "lost");
  assert.equal(kind(new NotStartedError()), "cancelled");
});

it("takes what it doesn't know for the statement's", () => {
  for (const error of [new Error("x"), undefined, "x", { code: 5 }]) assert.equal(kind(error), "statement");
});
