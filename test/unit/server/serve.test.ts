import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createServer, route, serve } from "../../../src/server/serve.ts";
import { RawPeer, textFrame } from "../../support/raw-peer.ts";

describe("serve", () => {
  it("makes a server that listens", async (t) => {
    const server = await serve(
      async (socket) => {
        for await (const message of socket) socket.send(`Received: ${message}`);
      },
      "127.0.0.1",
      0,
    );
    t.after(() => server.close({ drainMs: 0 }));
    const peer = await RawPeer.open(server.port);
    peer.write(textFrame("hello"));
    assert.equal(await peer.text(), "Received: hello");
  });

  it("takes callbacks, and everything else as options; host and port go before those", async (t) => {
    const server = await serve({ open: (socket) => void socket.send("hi") }, "127.0.0.1", 0, {
      host: "192.0.2.1",
      port: 1,
      origins: "any",
    });
    t.after(() => server.close({ drainMs: 0 }));
    const peer = await RawPeer.open(server.port, { headers: { Origin: "http://elsewhere.example" } });
    assert.equal(await peer.text(), "hi");
  });

  it("takes host and port from the options where they aren't given", async (t) => {
    const server = await serve(() => {}, undefined, undefined, { host: "127.0.0.1", port: 0 });
    t.after(() => server.close({ drainMs: 0 }));
    assert.match(server.url, /^ws:\/\/127\.0\.0\.1:\d+$/);
  });

  it("rejects if it can't listen", async (t) => {
    const server = await serve(() => {}, "127.0.0.1", 0);
    t.after(() => server.close({ drainMs: 0 }));
    await assert.rejects(
      serve(() => {}, "127.0.0.1", server.port),
      { code: "SLUICE_ADDRESS_IN_USE" },
    );
    await assert.rejects(
      serve(() => {}, "127.0.0.1", -1),
      { code: "SLUICE_INVALID_OPTION" },
    );
  });
});

describe("createServer", () => {
  it("takes a route's options only with its handler, by their types too", () => {
    const authenticate = (): number => 1;
    // @ts-expect-error: the callbacks belong into handler
    assert.throws(() => createServer({ routes: { "/a": { authenticate, message: () => {} } } }), {
      code: "SLUICE_INVALID_OPTION",
    });
    createServer({ routes: { "/a": { message: (socket, message) => socket.send(message) } } });
    createServer({ routes: { "/a": { authenticate, handler: { message: () => {} } } } });
  });

  it("makes a server that doesn't listen yet", () => {
    const server = createServer();
    assert.deepEqual([server.port, server.url, server.addresses], [0, "", []]);
  });

  it("checks its options", () => {
    assert.throws(() => createServer({ port: -1 }), { code: "SLUICE_INVALID_OPTION" });
  });
});

describe("route", () => {
  it("is the options themselves, with the type of their data forgotten", () => {
    const options = { handler: (): void => {}, authenticate: (): number => 1 };
    assert.equal(route(options), options);
  });
});
