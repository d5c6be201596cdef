import assert from "node:assert/strict";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { readTlsFiles } from "../../../src/cli/tls-files.ts";

import { TemporaryFolder } from "../../support/temporary-folder.ts";
import { tlsIdentity } from "../../support/tls-identity.ts";

const folder = new TemporaryFolder();
after(() => folder.remove());
const cert = folder.write("cert.pem", tlsIdentity.cert);
const key = folder.write("key.pem", tlsIdentity.key);

describe("readTlsFiles", () => {
  it("reads the certificate and its key", async () => {
    const options = await readTlsFiles({ cert, key });
    assert.match(String(options?.cert), /BEGIN CERTIFICATE/);
    assert.match(String(options?.key), /PRIVATE KEY/);
    assert.equal(await readTlsFiles(undefined), undefined);
  });

  it("wants both", async () => {
    const message = /tls\.key: it is needed beside tls\.cert/;
    await assert.rejects(readTlsFiles({ cert }), { code: "SLUICE_INVALID_OPTION", message });
    await assert.rejects(readTlsFiles({ key }), {
      code: "SLUICE_INVALID_OPTION",
      message: /tls\.cert: it is needed/,
    });
  });

  it("says which file can't be read, or is none", async () => {
    const missing = join(folder.path, "missing.pem");
    await assert.rejects(readTlsFiles({ cert, key: missing }), {
      code: "SLUICE_TLS_UNREADABLE",
      message: /missing\.pem: ENOENT/,
    });
    const wrong = folder.write("wrong.pem", "not a key");
    await assert.rejects(readTlsFiles({ cert, key: wrong }), {
      code: "SLUICE_TLS_UNREADABLE",
      message: /wrong\.pem/,
    });
  });
});
