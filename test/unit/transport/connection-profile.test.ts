import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { connectionProfile } from "../../../src/transport/connection-profile.ts";
import { connectionOptions } from "../../support/fake-connection.ts";

describe("connectionProfile", () => {
  it("holds what the decoders of a route take, with compression and without", () => {
    const handler = (): void => {};
    const options = connectionOptions({ maxMessageBytes: 100, maxFragments: 3 });
    const profile = connectionProfile(handler, options);
    const limits = { role: "server", maxMessageBytes: 100, maxFragments: 3 };
    assert.deepEqual(profile.plainLimits, { ...limits, compression: false });
    assert.deepEqual(profile.compressedLimits, { ...limits, compression: true });
    assert.equal(profile.handler, handler);
    assert.equal(profile.options, options);
    assert.ok(Object.isFrozen(profile));
  });
});
