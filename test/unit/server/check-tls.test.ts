import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSecureContext, type TlsOptions } from "node:tls";
import { createServer } from "../../../src/index.ts";
import { checkTls } from "../../../src/server/check-tls.ts";
import { tlsIdentity } from "../../support/tls-identity.ts";

describe("checkTls", () => {
  it("takes a key with its certificate, and whatever else shows who the server is", () => {
    for (const tls of [
      tlsIdentity,
      { key: [tlsIdentity.key], cert: [tlsIdentity.cert], minVersion: "TLSv1.3" },
      { SNICallback: (_name, done) => done(null, createSecureContext(tlsIdentity)) },
      { pskCallback: () => null, ciphers: "PSK" },
    ] as TlsOptions[]) {
      checkTls(tls);
    }
  });

  it("says what is missing", () => {
    const { key, cert } = tlsIdentity;
    for (const tls of [
      {},
      { key },
      { cert },
      { key: "", cert },
      { key, cert: [] },
      { key: undefined, cert },
    ]) {
      assert.throws(() => checkTls(tls as TlsOptions), {
        code: "SLUICE_INVALID_OPTION",
        message: "Correct the option tls: it needs key and cert, or pfx, or an SNICallback.",
      });
    }
  });

  it("says what Node has against it, with the cause", () => {
    for (const tls of [
      { key: "x", cert: "y" },
      { pfx: "x" },
      { ...tlsIdentity, cert: "y" },
      { ...tlsIdentity, minVersion: "TLSv9" },
      { SNICallback: "x" },
    ] as unknown as TlsOptions[]) {
      assert.throws(
        () => createServer({ tls }),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, "SLUICE_INVALID_OPTION");
          assert.match(error.message, /option tls: Node can't serve TLS with it \(.+\)\.$/);
          assert.ok(error.cause instanceof Error);
          return true;
        },
      );
    }
  });
});
