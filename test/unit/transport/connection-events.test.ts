import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { describe, it } from "node:test";
import type { Connection } from "../../../src/transport/connection-api.ts";
import {
  publishClose,
  publishHandlerError,
  publishOpen,
  publishShed,
  publishViolation,
} from "../../../src/transport/connection-events.ts";
import { Opcode } from "../../../src/websocket/index.ts";
import { fakeEngine, openConnection, turn } from "../../support/fake-connection.ts";

/** What is published on a channel while something happens. */
async function published(channel: string, act: () => unknown): Promise<unknown[]> {
  const heard: unknown[] = [];
  const listener = (message: unknown): void => void heard.push(message);
  subscribe(channel, listener);
  try {
    await act();
  } finally {
    unsubscribe(channel, listener);
  }
  return heard;
}

const connection = { id: 1 } as Connection;

describe("the events of a connection", () => {
  it("are published under their names", async () => {
    const error = new Error("x");
    const closed = { connection, code: 1000, reason: "bye" };
    for (const [channel, publish, message] of [
      ["sluice.connection.open", () => publishOpen(connection), { connection }],
      ["sluice.connection.close", () => publishClose(connection, 1000, "bye"), closed],
      ["sluice.connection.violation", () => publishViolation(connection, 1000, "bye"), closed],
      ["sluice.handler.error", () => publishHandlerError(connection, error), { connection, error }],
      ["sluice.budget.shed", () => publishShed(connection, 5), { connection, bytes: 5 }],
    ] as const) {
      assert.deepEqual(await published(channel, publish), [message]);
      publish();
    }
  });

  it("are published when they happen", async () => {
    const { engine } = fakeEngine({ maxBufferedBytes: 10_000 });
    const opened = await published("sluice.connection.open", () => void openConnection(engine));
    assert.equal(opened.length, 1);

    const { receive, stream, socket } = openConnection(engine);
    const violations = await published("sluice.connection.violation", () => receive(3 as Opcode));
    assert.deepEqual(violations, [{ connection: socket, code: 1002, reason: "reserved opcode" }]);
    const closed = await published("sluice.connection.close", async () => {
      stream.destroy();
      await turn();
    });
    assert.deepEqual(closed, [{ connection: socket, code: 1002, reason: "reserved opcode" }]);

    const shed = await published("sluice.budget.shed", () => {
      const slow = openConnection(engine);
      engine.flusher.flush();
      slow.stream.room = 0;
      slow.socket.send("x".repeat(20_000));
      slow.socket.flush();
    });
    assert.equal(shed.length, 1);

    const errors = await published("sluice.handler.error", () => {
      const failing = openConnection(engine, { handler: { message: () => assert.fail("on purpose") } });
      failing.receive(Opcode.text);
    });
    assert.equal(errors.length, 1);
    engine.stop();
  });
});
