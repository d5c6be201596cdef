import assert from "node:assert/strict";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { settingsFromFile } from "../../../src/cli/config-file.ts";
import { TemporaryFolder } from "../../support/temporary-folder.ts";

const folder = new TemporaryFolder();
after(() => folder.remove());

let count = 0;
function fileOf(content: string, extension = ".json"): string {
  return folder.write(`config-${++count}${extension}`, content);
}

function refuses(file: string, code: string, message: RegExp): Promise<void> {
  return assert.rejects(settingsFromFile(file), (error: Error & { code: string }) => {
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /\n/);
    return true;
  });
}

describe("settingsFromFile", () => {
  it("reads JSON in the shape that the options have in code", async () => {
    const content = {
      host: "0.0.0.0",
      port: 9000,
      tls: { cert: "a.pem", key: "b.pem" },
      limits: { maxConnections: 100, maxConnectionsPerAddress: null },
      keepalive: { idleTimeoutMs: null },
      origins: ["https://example.com"],
      logLevel: "warn",
    };
    assert.deepEqual(await settingsFromFile(fileOf(JSON.stringify(content))), {
      host: "0.0.0.0",
      port: 9000,
      tlsCert: "a.pem",
      tlsKey: "b.pem",
      maxConnections: 100,
      maxConnectionsPerAddress: null,
      idleTimeoutMs: null,
      origins: ["https://example.com"],
      logLevel: "warn",
    });
    assert.deepEqual(await settingsFromFile(fileOf("\uFEFF{}")), {});
  });

  it("reads a module: its default export, or its options", async () => {
    assert.deepEqual(await settingsFromFile(fileOf("export default { port: 4000 + 1 };", ".mjs")), {
      port: 4001,
    });
    const byName = "export const options = { port: 4002, host: undefined };";
    assert.deepEqual(await settingsFromFile(fileOf(byName, ".mjs")), { port: 4002 });
  });

  it("says that a file can't be read", async () => {
    await refuses(join(folder.path, "missing.json"), "SLUICE_CONFIG_UNREADABLE", /missing\.json: ENOENT/);
    await refuses(join(folder.path, "missing.mjs"), "SLUICE_CONFIG_UNREADABLE", /missing\.mjs: ENOENT/);
  });

  it("says that a file isn't what its name says", async () => {
    await refuses(fileOf("{ port: 1 }"), "SLUICE_CONFIG_INVALID", /it is not JSON \(/);
    await refuses(fileOf("{\n1"), "SLUICE_CONFIG_INVALID", /it is not JSON \(/);
    await refuses(
      fileOf("throw new Error('no\\nluck')", ".mjs"),
      "SLUICE_CONFIG_INVALID",
      /fails to load \(no\\nluck\)/,
    );
    await refuses(fileOf("port: 1", ".yaml"), "SLUICE_CONFIG_INVALID", /must end in \.json, \.js or \.mjs/);
    for (const content of ["[]", "null", "5", '"x"']) {
      await refuses(fileOf(content), "SLUICE_CONFIG_INVALID", /must hold an object of options/);
    }
    await refuses(fileOf("export const other = {};", ".mjs"), "SLUICE_CONFIG_INVALID", /must hold an object/);
  });

  it("names what isn't an option, and those that there are", async () => {
    await refuses(
      fileOf('{"prot":1}'),
      "SLUICE_CONFIG_INVALID",
      /: prot is not an option; there are host, port, tls, /,
    );
    const misspelt = fileOf('{"limits":{"maxConections":1}}');
    await refuses(
      misspelt,
      "SLUICE_CONFIG_INVALID",
      /limits\.maxConections is not an option; limits has .*maxConnections/,
    );
    await refuses(fileOf('{"__proto__":{"port":1}}'), "SLUICE_CONFIG_INVALID", /__proto__ is not an option/);
    await refuses(fileOf('{"port":{"x":1}}'), "SLUICE_CONFIG_INVALID", /port must be a whole number/);
  });

  it("says what a value must be", async () => {
    await refuses(
      fileOf('{"port":"80"}'),
      "SLUICE_CONFIG_INVALID",
      /port must be a whole number from 0 to 65535, not "80"/,
    );
    await refuses(fileOf('{"port":null}'), "SLUICE_CONFIG_INVALID", /not null/);
    await refuses(fileOf('{"limits":5}'), "SLUICE_CONFIG_INVALID", /limits must be an object of options/);
    await refuses(fileOf('{"page":"no"}'), "SLUICE_CONFIG_INVALID", /page must be true or false/);
    await refuses(
      fileOf("export default { port: () => 1 };", ".mjs"),
      "SLUICE_CONFIG_INVALID",
      /not function/,
    );
  });
});
