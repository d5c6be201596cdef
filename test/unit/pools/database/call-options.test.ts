import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  checkRowsOptions,
  checkStreamOptions,
  checkTransactionOptions,
} from "../../../../src/pools/database/call-options.ts";

type Check = (options: never) => void;

function refuses(check: Check, option: string, values: readonly unknown[]): void {
  for (const value of values) {
    assert.throws(
      () => check({ [option]: value } as never),
      (error: Error & { code?: string }) =>
        error.code === "SLUICE_INVALID_OPTION" && error.message.includes(`option ${option}:`),
      `${option}: ${String(value)}`,
    );
  }
}

function takes(check: Check, option: string, values: readonly unknown[]): void {
  for (const value of [undefined, ...values]) check({ [option]: value } as never);
}

describe("the options of a call", () => {
  const checks: readonly Check[] = [checkRowsOptions, checkStreamOptions, checkTransactionOptions];

  it("need not be there, and are an object", () => {
    for (const check of checks) {
      check(undefined as never);
      check({} as never);
      for (const options of [null, 5, "fast"])
        assert.throws(() => check(options as never), { code: "SLUICE_INVALID_OPTION" });
    }
  });

  it("have a time and a signal", () => {
    for (const check of checks) {
      takes(check, "timeoutMs", [null, 1, 0.5, 2 ** 31 - 1]);
      refuses(check, "timeoutMs", [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, "50"]);
      takes(check, "signal", [new AbortController().signal]);
      refuses(check, "signal", [null, {}, new AbortController()]);
    }
  });

  it("have limits of rows that are whole numbers", () => {
    takes(checkRowsOptions, "maxRows", [0, 1, 10_000, Number.POSITIVE_INFINITY]);
    refuses(checkRowsOptions, "maxRows", [-1, Number.NaN, 1.5, Number.NEGATIVE_INFINITY, "5", null]);
    takes(checkStreamOptions, "batchRows", [1, 5_000]);
    refuses(checkStreamOptions, "batchRows", [0, -1, Number.NaN, 1.5, Number.POSITIVE_INFINITY, 2 ** 31]);
  });

  it("say how a transaction runs", () => {
    takes(checkTransactionOptions, "isolation", ["read committed", "repeatable read", "serializable"]);
    refuses(checkTransactionOptions, "isolation", ["SERIALIZABLE", "serializable; DROP TABLE users", null]);
    takes(checkTransactionOptions, "readOnly", [true, false]);
    refuses(checkTransactionOptions, "readOnly", [1, "no", null]);
    takes(checkTransactionOptions, "retries", [0, 10]);
    refuses(checkTransactionOptions, "retries", [-1, Number.NaN, 0.5, Number.POSITIVE_INFINITY, null]);
  });
});
