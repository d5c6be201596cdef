import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { describe, it } from "node:test";
import { channels } from "../../../src/diagnostics/index.ts";

describe("channels", () => {
  it("names every channel after its key", () => {
    for (const [key, channel] of Object.entries(channels)) {
      assert.equal(
        String(channel.name)
          .replace(/^sluice/, "")
          .replaceAll(".", ""),
        key.toLowerCase(),
      );
    }
  });

  it("has no subscribers until somebody subscribes by the name", () => {
    const heard: unknown[] = [];
    const listener = (message: unknown): void => void heard.push(message);
    assert.equal(channels.connectionOpen.hasSubscribers, false);
    subscribe("sluice.connection.open", listener);
    assert.equal(channels.connectionOpen.hasSubscribers, true);
    channels.connectionOpen.publish({ connection: 1 });
    unsubscribe("sluice.connection.open", listener);
    assert.equal(channels.connectionOpen.hasSubscribers, false);
    assert.deepEqual(heard, [{ connection: 1 }]);
  });
});
