import assert from "node:assert/strict";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { type Duplex, PassThrough } from "node:stream";
import { describe, it, type TestContext } from "node:test";
import { createServer, type Server } from "../../../src/index.ts";
import { TimerWheel } from "../../../src/internal/timer-wheel.ts";
import { UnclaimedUpgrade } from "../../../src/server/unclaimed-upgrade.ts";
import { untilClosed } from "../../support/handlers.ts";
import { portOf } from "../../support/port-of.ts";
import { handshakeBytes, RawPeer } from "../../support/raw-peer.ts";
import { inTime, waitFor } from "../../support/wait-for.ts";

/** As Node hands over a socket with an upgrade. */
class FakeSocket extends PassThrough {
  bytesWritten = 0;
}

/** What becomes of an upgrade with which something is done in its time. @returns how often it was answered */
function answeredAfter(doing: (socket: FakeSocket) => void): number {
  const wheel = new TimerWheel({ clock: () => 0 });
  const socket = new FakeSocket();
  let answered = 0;
  new UnclaimedUpgrade(wheel, socket, () => answered++).wait(1_000);
  doing(socket);
  for (let now = 100; now <= 1_000; now += 100) {
    assert.equal(answered, 0, `it was answered after less than ${now} ms`);
    wheel.tick(now);
  }
  assert.equal(wheel.size, 0);
  assert.equal(socket.listenerCount("close"), new FakeSocket().listenerCount("close"));
  return answered;
}

describe("UnclaimedUpgrade", () => {
  it("is answered when its time is over and nobody has had anything to do with it", () => {
    assert.equal(
      answeredAfter(() => {}),
      1,
    );
    assert.equal(
      answeredAfter((socket) => socket.on("error", () => {})),
      1,
    );
  });

  it("is left to whoever has written to it, or has begun or paused reading it", () => {
    for (const take of [
      (socket: FakeSocket): void => void Object.assign(socket, { bytesWritten: 1 }),
      (socket: FakeSocket): void => void socket.pause(),
      (socket: FakeSocket): void => void socket.resume(),
      (socket: FakeSocket): void => void socket.on("data", () => {}),
      (socket: FakeSocket): void => void socket.on("readable", () => {}),
      (socket: FakeSocket): void => void socket.end(),
    ]) {
      assert.equal(answeredAfter(take), 0, take.toString());
    }
  });

  it("is forgotten when its socket is gone", async () => {
    const wheel = new TimerWheel({ clock: () => 0 });
    const socket = new FakeSocket();
    new UnclaimedUpgrade(wheel, socket, () => assert.fail("it was answered")).wait(1_000);
    assert.equal(wheel.size, 1);
    socket.destroy(new Error("reset"));
    await waitFor("its end", () => wheel.size === 0);
  });
});

async function sharedBy(t: TestContext, http: HttpServer, servers: readonly Server[]): Promise<number> {
  const port = await portOf(http);
  t.after(async () => {
    for (const server of servers) await server.close({ drainMs: 0 });
    http.close();
  });
  return port;
}

describe("a path on a shared server that is none of ours", () => {
  it("is refused where others leave it lying, and not where they have taken it", async (t) => {
    const http = createHttpServer((_request, response) => response.end("page"));
    const limits = { handshakeTimeoutMs: 50 };
    const server = createServer({ server: http, routes: { "/ours": untilClosed }, limits });
    // Another one of the kind waits as well, and claims nothing by that.
    const second = createServer({ server: http, routes: { "/second": untilClosed }, limits });
    const port = await sharedBy(t, http, [server, second]);
    const taken: Duplex[] = [];
    http.on("upgrade", (request, socket) => {
      if (request.url !== "/theirs") return;
      socket.pause();
      taken.push(socket);
    });
    const theirs = await RawPeer.connect(port);
    theirs.write(handshakeBytes({ path: "/theirs" }));
    await waitFor("another one to take it", () => taken.length === 1);
    const nobodys = await RawPeer.connect(port);
    nobodys.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert.equal((await nobodys.response()).body, "page", "what was written before doesn't count");
    nobodys.write(handshakeBytes({ path: "/nobodys" }));
    assert.equal((await nobodys.response()).status, 404);
    await inTime("the end", nobodys.ended());
    assert.equal(server.stats().refused.notFound + second.stats().refused.notFound, 1);
    taken[0]?.end("HTTP/1.1 101 \r\n\r\n");
    assert.equal((await theirs.response()).status, 101, "its time was over before the other one's");
    for (const peer of [theirs, nobodys]) peer.destroy();
  });

  it("may be given up by a peer that resets the connection", async (t) => {
    const http = createHttpServer();
    const server = createServer({ server: http, routes: { "/ours": untilClosed } });
    const port = await sharedBy(t, http, [server]);
    const asked: Duplex[] = [];
    http.on("upgrade", (_request, socket) => asked.push(socket));
    const peer = await RawPeer.connect(port);
    peer.write(handshakeBytes({ path: "/nobodys" }));
    await waitFor("the request", () => asked.length === 1);
    peer.reset();
    await waitFor("its end", () => asked[0]?.destroyed === true);
  });
});
