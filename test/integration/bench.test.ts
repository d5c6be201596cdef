import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:https";
import { createServer as createTcpServer } from "node:net";
import { type TestContext, test } from "node:test";
import { type WebSocket, WebSocketServer } from "ws";
import { type BenchOptions, type BenchResult, runBench } from "../../src/cli/bench/index.ts";
import { portOf } from "../support/port-of.ts";
import { tlsIdentity } from "../support/tls-identity.ts";

// The load generator against a server that isn't ours: what it counts must be what really happened.

/** Groups by path, and echo for all other paths. */
async function startWs(
  t: TestContext,
  onConnection?: (socket: WebSocket, url: string) => void,
): Promise<WsPeer> {
  const sockets = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  await once(sockets, "listening");
  const peer = new WsPeer(sockets, (sockets.address() as { port: number }).port);
  sockets.on("connection", (socket, request) => {
    socket.on("error", () => {});
    peer.urls.push(request.url ?? "");
    if (onConnection === undefined) peer.serve(socket, request.url ?? "");
    else onConnection(socket, request.url ?? "");
  });
  t.after(() => {
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
  });
  return peer;
}

class WsPeer {
  readonly sockets: WebSocketServer;
  readonly port: number;
  readonly urls: string[] = [];
  readonly messages: string[] = [];
  received = 0;
  /** Close codes, as the server got them. */
  readonly codes: number[] = [];
  readonly #groups = new Map<string, Set<WebSocket>>();

  constructor(sockets: WebSocketServer, port: number) {
    this.sockets = sockets;
    this.port = port;
  }

  url(path: string): string {
    return `ws://127.0.0.1:${this.port}${path}`;
  }

  serve(socket: WebSocket, url: string): void {
    const members = url.startsWith("/group/") ? this.#group(url) : new Set<WebSocket>();
    members.add(socket);
    socket.on("message", (data, isBinary) => {
      this.received++;
      if (this.messages.length < 1000) this.messages.push(data.toString());
      for (const member of members) member.send(data, { binary: isBinary });
    });
    socket.on("close", (code) => {
      this.codes.push(code);
      members.delete(socket);
    });
  }

  #group(url: string): Set<WebSocket> {
    const members = this.#groups.get(url) ?? new Set<WebSocket>();
    this.#groups.set(url, members);
    return members;
  }
}

const short = { durationSeconds: 0.3, warmupSeconds: 0.1 };

function run(url: string, options: Partial<BenchOptions> = {}): Promise<BenchResult> {
  return runBench({ url, connections: 10, ...short, ...options });
}

test("echo: every message is answered, and the answers are timed", async (t) => {
  const peer = await startWs(t);
  const result = await run(peer.url("/echo"), { depth: 4, size: 40 });
  assert.deepEqual(result.connections, { requested: 10, open: 10, refused: 0, closed: 0 });
  assert.ok(result.sent > 40);
  assert.equal(result.received, result.sent);
  assert.equal(result.expected, result.sent);
  assert.ok(result.sent <= peer.received);
  assert.match(peer.messages[0] ?? "", /^@[0-9a-f]{10}@x{28}$/);
  const { p50, p90, p99, p999, max } = result.latencyMs ?? assert.fail("no latency");
  assert.ok(0 < p50 && p50 <= p90 && p90 <= p99 && p99 <= p999 && p999 <= max);
  assert.equal(result.seconds, 0.3);
  assert.deepEqual(new Set(peer.codes), new Set([1000]));
});

test("echo: large messages come in many chunks, binary ones are binary", async (t) => {
  const kinds = new Set<boolean>();
  const peer = await startWs(t, (socket) =>
    socket.on("message", (data, isBinary) => {
      kinds.add(isBinary);
      socket.send(data, { binary: isBinary });
    }),
  );
  const result = await run(peer.url("/"), { connections: 2, depth: 2, size: 1024 * 1024, binary: true });
  assert.ok(result.sent > 0);
  assert.equal(result.received, result.sent);
  assert.deepEqual(kinds, new Set([true]));
});

test("echo: fragments, pings and messages that say more than they were asked are no trouble", async (t) => {
  let pongs = 0;
  const peer = await startWs(t, (socket) => {
    socket.on("pong", () => pongs++);
    socket.on("message", (data) => {
      const text = data.toString();
      socket.ping("are you there");
      socket.send(text.slice(0, 5), { fin: false });
      socket.send(text.slice(5), { fin: true });
      socket.send("news");
    });
  });
  const result = await run(peer.url("/"), { message: '{"id":%n,"at":"%t","from":%i}' });
  assert.ok(result.sent > 10);
  assert.equal(result.received, result.sent);
  assert.ok(pongs > 0);
});

test("fanout: rounds of a group are whole, and all of it is counted", async (t) => {
  const peer = await startWs(t);
  const result = await run(peer.url("/group/%r"), { mode: "fanout", connections: 12, groups: 3 });
  assert.deepEqual(new Set(peer.urls), new Set(["/group/0", "/group/1", "/group/2"]));
  const rounds = result.rounds?.completed ?? 0;
  assert.ok(rounds > 3);
  assert.equal(result.rounds?.stalled, 0);
  // A round of 4 is 16 deliveries; at the edges of the window, each group may have a part of one.
  assert.ok(Math.abs(result.received - rounds * 16) <= 3 * 16, `${result.received} of ${rounds} rounds`);
});

test("fanout: processes that share a group go through its rounds together", async (t) => {
  const peer = await startWs(t);
  const result = await run(peer.url("/group/a"), { mode: "fanout", connections: 9, processes: 3 });
  assert.equal(result.generator.processes, 3);
  assert.equal(result.connections.open, 9);
  assert.ok((result.rounds?.completed ?? 0) > 1);
  assert.equal(result.rounds?.stalled, 0);
});

test("rate: so many messages are sent as were asked for, and each reaches its whole group", async (t) => {
  const peer = await startWs(t);
  const options = { mode: "rate", rate: 500, groups: 2, processes: 2, warmupSeconds: 0 } as const;
  const result = await run(peer.url("/group/%r"), options);
  assert.ok(Math.abs(result.sent - 150) <= 2, `${result.sent} sent`);
  assert.equal(result.expected, result.sent * 5);
  assert.equal(result.received, result.expected);
});

test("rate: those that don't read aren't expected to receive", async (t) => {
  const peer = await startWs(t);
  const options = { mode: "rate", rate: 500, groups: 1, slow: 4 } as const;
  const result = await run(peer.url("/group/%r"), options);
  assert.ok(result.sent > 100);
  assert.equal(result.expected, result.sent * 6);
  assert.equal(result.received, result.expected);
});

test("rate: a server that joins messages in one frame has each counted", async (t) => {
  const peer = await startWs(t, (socket) => {
    let pending = "";
    const timer = setInterval(() => {
      if (pending !== "") socket.send(pending);
      pending = "";
    }, 20);
    socket.on("message", (data) => {
      pending += `${data}\n`;
    });
    socket.on("close", () => clearInterval(timer));
  });
  const result = await run(peer.url("/"), { mode: "rate", connections: 2, rate: 2000 });
  assert.ok(result.sent > 500);
  assert.equal(result.received, result.sent);
});

test("rate: a server that takes its time has it told, from when a message was due", async (t) => {
  const peer = await startWs(t, (socket) =>
    socket.on("message", (data) => setTimeout(() => socket.send(data.toString()), 100)),
  );
  const result = await run(peer.url("/"), { mode: "rate", rate: 200 });
  assert.equal(result.received, result.sent);
  assert.ok((result.latencyMs?.p50 ?? 0) >= 99);
});

for (const close of [false, true]) {
  test(`connect: handshakes are counted${close ? ", and closed in good order" : ""}`, async (t) => {
    const peer = await startWs(t);
    const result = await run(peer.url("/%i"), { mode: "connect", connections: 4, close });
    const { requested, open, refused } = result.connections;
    assert.ok(open > 4);
    assert.ok(requested - open - refused <= 4);
    assert.equal(refused, 0);
    assert.ok(open <= peer.urls.length);
    assert.ok((result.connectPerSecond ?? 0) > 0);
    assert.ok((result.latencyMs?.p50 ?? 0) > 0);
    assert.equal(new Set(peer.urls).size, peer.urls.length);
    assert.ok(peer.codes.filter((code) => code === (close ? 1000 : 1006)).length >= open - 20);
  });
}

test("idle: connections are held, and the server's memory is measured", {
  skip: process.platform !== "linux",
}, async (t) => {
  const peer = await startWs(t);
  const result = await run(peer.url("/"), {
    mode: "idle",
    connections: 50,
    pid: process.pid,
    warmupSeconds: 0,
  });
  assert.equal(result.connections.open, 50);
  assert.equal(peer.received, 0);
  const { server } = result;
  assert.ok(
    server !== undefined && server.rssBeforeBytes > 1e7 && server.peakRssBytes >= server.rssAfterBytes,
  );
  assert.equal(server.bytesPerConnection, (server.rssAfterBytes - server.rssBeforeBytes) / 50);
  assert.ok((result.connectPerSecond ?? 0) > 0);
});

test("greetings come first on each connection, the further ones when all are open", async (t) => {
  const heard = new Map<WebSocket, string[]>();
  let open = 0;
  const peer = await startWs(t, (socket, url) => {
    open++;
    const lines: string[] = [];
    heard.set(socket, lines);
    socket.on("message", (data) => {
      lines.push(`${url} ${data}${lines.length === 1 ? ` ${open}` : ""}`);
      socket.send(data.toString());
    });
  });
  await run(peer.url("/%i"), { connections: 3, hello: ["JOIN %r", "READY %i"], groups: 3 });
  const lines = [...heard.values()].toSorted().map((all) => all.slice(0, 2));
  assert.deepEqual(lines, [
    ["/0 JOIN 0", "/0 READY 0 3"],
    ["/1 JOIN 1", "/1 READY 1 3"],
    ["/2 JOIN 2", "/2 READY 2 3"],
  ]);
});

test("a protocol's own pings are answered", async (t) => {
  let answers = 0;
  const peer = await startWs(t, (socket) => {
    socket.send("2");
    socket.on("message", (data) => {
      if (data.toString() === "3") answers++;
      else socket.send(data.toString());
    });
  });
  const result = await run(peer.url("/"), { answer: "2=3" });
  assert.equal(answers, 10);
  assert.equal(result.received, result.sent);
});

test("the handshake asks for what it is told to", async (t) => {
  const peer = await startWs(t);
  let seen: unknown;
  peer.sockets.on("connection", (socket, request) => {
    seen = [socket.protocol, request.headers["x-token"], request.headers["sec-websocket-extensions"]];
  });
  await run(peer.url("/"), { connections: 1, subprotocols: ["chat"], headers: { "X-Token": "abc" } });
  assert.deepEqual(seen, ["chat", "abc", undefined]);
});

test("TLS is spoken, with any certificate if that is asked for", async (t) => {
  const server = createServer(tlsIdentity);
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket) => socket.on("message", (data) => socket.send(data.toString())));
  const url = `wss://localhost:${await portOf(server)}/`;
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const strict = await run(url, { connections: 2 });
  assert.equal(strict.connections.refused, 2);
  assert.deepEqual(strict.reasons, { DEPTH_ZERO_SELF_SIGNED_CERT: 2 });
  const result = await run(url, { connections: 2, insecure: true });
  assert.equal(result.connections.open, 2);
  assert.ok(result.sent > 2);
  assert.equal(result.received, result.sent);
});

test("refusals have their reasons, and those that got in are measured", async (t) => {
  let count = 0;
  const peer = await startWs(t);
  peer.sockets.options.verifyClient = () => ++count % 2 === 0;
  const result = await run(peer.url("/"));
  assert.deepEqual(result.connections, { requested: 10, open: 5, refused: 5, closed: 0 });
  assert.deepEqual(result.reasons, { "HTTP 401 Unauthorized": 5 });
  assert.ok(result.received > 0);
});

test("where nobody listens, it ends at once", async () => {
  const server = createTcpServer();
  const port = await portOf(server);
  server.close();
  await once(server, "close");
  for (const mode of ["echo", "connect"] as const) {
    const result = await run(`ws://127.0.0.1:${port}/`, { mode, durationSeconds: 600 });
    assert.equal(result.connections.open, 0);
    assert.ok((result.reasons["ECONNREFUSED"] ?? 0) >= 10);
    assert.ok(result.seconds < 300);
  }
});

test("a server that doesn't answer is given up", async (t) => {
  const silent = createTcpServer((socket) => socket.on("error", () => {}));
  const port = await portOf(silent);
  t.after(() => silent.close());
  const result = await run(`ws://127.0.0.1:${port}/`, { connectTimeoutSeconds: 0.2 });
  assert.deepEqual(result.connections, { requested: 10, open: 0, refused: 10, closed: 0 });
  assert.deepEqual(result.reasons, { "the handshake took too long": 10 });
});

test("when all connections are cut, it ends before its time", async (t) => {
  const peer = await startWs(t, (socket) => {
    let messages = 0;
    socket.on("message", (data) => {
      if (++messages > 20) socket.close(1013);
      else socket.send(data.toString());
    });
  });
  const result = await run(peer.url("/"), { warmupSeconds: 0, durationSeconds: 600 });
  assert.deepEqual(result.connections, { requested: 10, open: 10, refused: 0, closed: 10 });
  assert.deepEqual(result.reasons, { "closed with 1013": 10 });
  assert.ok(result.seconds < 300);
});

test("an aborted run says what it has measured", async (t) => {
  const peer = await startWs(t);
  const abort = new AbortController();
  const result = await runBench(
    { url: peer.url("/"), connections: 5, warmupSeconds: 0, durationSeconds: 600 },
    {
      signal: abort.signal,
      onProgress: ({ phase, received }) => {
        if (phase === "measuring" && received > 100) abort.abort();
      },
    },
  );
  assert.equal(result.interrupted, true);
  assert.ok(result.received > 100 && result.seconds > 0 && result.seconds < 300);
});

test("a run can be aborted before anything is open", async (t) => {
  const silent = createTcpServer((socket) => socket.on("error", () => {}));
  const port = await portOf(silent);
  t.after(() => silent.close());
  const result = await runBench({ url: `ws://127.0.0.1:${port}/` }, { signal: AbortSignal.timeout(50) });
  assert.equal(result.interrupted, true);
  assert.equal(result.connections.open, 0);
});

test("what can't be sent is refused before anything is connected", async (t) => {
  const peer = await startWs(t);
  const invalid = { code: "SLUICE_INVALID_OPTION" };
  await assert.rejects(run(peer.url("/"), { headers: { "bad name": "x" } }), invalid);
  await assert.rejects(run(peer.url("/"), { subprotocols: ["not a token"] }), invalid);
  await assert.rejects(run("ftp://localhost/"), invalid);
  await assert.rejects(run("ws://192.0.2.1/"), { code: "SLUICE_REMOTE_TARGET" });
  assert.deepEqual(peer.urls, []);
});
