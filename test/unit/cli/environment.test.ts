import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { settingsFromEnvironment } from "../../../src/cli/environment.ts";

describe("settingsFromEnvironment", () => {
  it("reads the variables that are set", () => {
    const values = settingsFromEnvironment({
      SLUICE_PORT: "9000",
      SLUICE_MAX_MESSAGE_BYTES: "64KiB",
      SLUICE_PING_INTERVAL_MS: "none",
      SLUICE_COMPRESSION: "on",
      SLUICE_HOST: "",
      PORT: "1",
    });
    assert.deepEqual(values, {
      port: 9000,
      maxMessageBytes: 65_536,
      pingIntervalMs: null,
      compression: true,
    });
  });

  it("leaves alone what is none of its variables", () => {
    assert.deepEqual(
      settingsFromEnvironment({ SLUICE_SERVICE_HOST: "10.0.0.1", SLUICE_CONFIG: "x.json" }),
      {},
    );
  });

  it("says which variable is wrong and what it must be, on one line", () => {
    assert.throws(() => settingsFromEnvironment({ SLUICE_MAX_CONNECTIONS: "many\nof them" }), {
      code: "SLUICE_INVALID_OPTION",
      message:
        'Correct the option SLUICE_MAX_CONNECTIONS: it must be a whole number from 1 up, not "many\\nof them".',
    });
  });

  it("knows the URL that Kubernetes puts into SLUICE_PORT", () => {
    assert.throws(
      () => settingsFromEnvironment({ SLUICE_PORT: "tcp://10.0.0.1:8765" }),
      /enableServiceLinks/,
    );
  });
});
