import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SluiceError } from "../../src/errors/index.ts";
import { createServer, serve } from "../../src/server/index.ts";
import { FakeResource } from "../support/fake-resource.ts";
import { RawPeer, textFrame } from "../support/raw-peer.ts";
import { waitFor } from "../support/wait-for.ts";

const place = { host: "127.0.0.1", port: 0 };
const down = (): Promise<void> =>
  Promise.reject(new SluiceError("SLUICE_UNREACHABLE", { name: "database", reason: "refused" }));

describe("a server with resources", () => {
  it("opens them before it listens, and closes them after its last connection", async () => {
    const journal: string[] = [];
    const database = new FakeResource("database", {
      journal,
      opens: async () => void journal.push(server.url),
    });
    const cache = new FakeResource("cache", { journal });
    const server = createServer({
      ...place,
      resources: [database, cache],
      handler: { close: () => void journal.push("connection closed") },
    });
    assert.deepEqual(server.resources, [database, cache]);
    await server.listen();
    const peer = await RawPeer.open(server.port);
    const closing = server.close({ drainMs: 60_000, spreadMs: 0 });
    await peer.frame();
    assert.equal(journal.includes("close cache"), false);
    peer.destroy();
    assert.deepEqual(await closing, { closed: 1, cut: 0 });
    await server.closed;
    assert.deepEqual(journal.slice(-5), [
      "connection closed",
      "close cache",
      "closed cache",
      "close database",
      "closed database",
    ]);
    assert.ok(journal.includes(""), "it had no address when they were opened");
  });

  it("doesn't start without one that is required, and closes the others", async () => {
    const fine = new FakeResource("fine");
    const server = createServer({
      ...place,
      resources: [fine, new FakeResource("database", { opens: down })],
    });
    await assert.rejects(server.listen(), { code: "SLUICE_UNREACHABLE" });
    assert.deepEqual(fine.journal, ["open fine", "opened fine", "close fine", "closed fine"]);
    assert.equal(server.url, "");
    await server.closed;
    await assert.rejects(server.listen(), { code: "SLUICE_SERVER_CLOSED" });
    await assert.rejects(
      serve(() => {}, "127.0.0.1", 0, { resources: [new FakeResource("database", { opens: down })] }),
      { code: "SLUICE_UNREACHABLE" },
    );
  });

  it("starts without one that isn't, and says so", async (t) => {
    const told: unknown[] = [];
    const optional = new FakeResource("database", { opens: down, required: false });
    const server = await serve({ message: (socket, message) => socket.send(message) }, "127.0.0.1", 0, {
      resources: [optional],
      onError: (error) => told.push(error),
    });
    t.after(() => server.close({ drainMs: 0 }));
    assert.equal((told[0] as SluiceError).code, "SLUICE_UNREACHABLE");
    const peer = await RawPeer.open(server.port);
    peer.write(textFrame("hello"));
    assert.equal(await peer.text(), "hello");
  });

  it("keeps them open if the port is taken, for another try; serve() closes them", async (t) => {
    const other = await serve(() => {}, "127.0.0.1", 0);
    t.after(() => other.close({ drainMs: 0 }));
    const kept = new FakeResource("kept");
    const server = createServer({ ...place, resources: [kept] });
    t.after(() => server.close({ drainMs: 0 }));
    await assert.rejects(server.listen(other.port), { code: "SLUICE_ADDRESS_IN_USE" });
    await server.listen(0);
    assert.deepEqual(kept.journal, ["open kept", "opened kept"]);
    const closed = new FakeResource("closed");
    await assert.rejects(
      serve(() => {}, "127.0.0.1", other.port, { resources: [closed] }),
      { code: "SLUICE_ADDRESS_IN_USE" },
    );
    assert.deepEqual(closed.journal.slice(-1), ["closed closed"]);
  });

  it("may be closed while they are opened", async () => {
    let settle = (): void => {};
    const slow = new FakeResource("slow", { opens: () => new Promise((resolve) => (settle = resolve)) });
    const server = createServer({ ...place, resources: [slow] });
    const listening = assert.rejects(server.listen(), { code: "SLUICE_SERVER_CLOSED" });
    await waitFor("it to be opened", () => slow.journal.length === 1);
    const closing = server.close({ drainMs: 60_000 });
    settle();
    await Promise.all([closing, listening]);
    assert.deepEqual(slow.journal, ["open slow", "opened slow", "close slow", "closed slow"]);
  });

  it("closes them though it never listened", async () => {
    const resource = new FakeResource("resource");
    await createServer({ resources: [resource] }).close();
    assert.deepEqual(resource.journal, ["close resource", "closed resource"]);
  });

  it("takes nothing else for one, such as a promise that was not awaited", () => {
    for (const wrong of [Promise.resolve(new FakeResource("x")), {}, null, "sqlite:chat.db"]) {
      assert.throws(() => createServer({ resources: [wrong as never] }), {
        code: "SLUICE_INVALID_OPTION",
        message: /resources\.0/,
      });
    }
  });
});
