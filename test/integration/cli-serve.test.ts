import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { after, describe, it, type TestContext } from "node:test";
import { WebSocket } from "ws";
import { ExitCode } from "../../src/cli/exit-codes.ts";
import { CliProcess, startServe } from "../support/cli-process.ts";
import { portOf } from "../support/port-of.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { freePort } from "../support/servers/free-port.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { tlsIdentity } from "../support/tls-identity.ts";
import { waitFor } from "../support/wait-for.ts";

const folder = new TemporaryFolder();
after(() => folder.remove());

async function maxConnectionsAt(port: number): Promise<unknown> {
  const health = (await (await fetch(`http://127.0.0.1:${port}/health`)).json()) as Record<string, unknown>;
  return health["maxConnections"];
}

describe("sluice serve", () => {
  it("says where everything is, serves both loopback families, and drains at SIGTERM", async (t) => {
    const { serve, port } = await startServe(t);
    for (const where of [
      `http://localhost:${port}/`,
      `ws://localhost:${port}/group/NAME`,
      `pid ${serve.child.pid}`,
    ]) {
      assert.ok(serve.stdout.includes(where), where);
    }
    for (const host of ["127.0.0.1", "[::1]"]) {
      assert.equal((await fetch(`http://${host}:${port}/health`)).status, 200, host);
    }
    const client = new WebSocket(`ws://localhost:${port}/echo`);
    await once(client, "open");
    client.send("hello");
    assert.equal(String((await once(client, "message"))[0]), "Received: hello");
    const closed = once(client, "close");
    serve.child.kill("SIGTERM");
    assert.equal((await closed)[0], 1001);
    assert.equal(await serve.exit(), ExitCode.ok);
    assert.match(serve.stdout, /Draining 1 connection, for at most 10 s\.\nDrained: 1 closed\.\n$/);
    assert.equal(serve.stderr, "");
  });

  it("says 503 at /health before it stops accepting, where it is given a time for that", async (t) => {
    const { serve, port } = await startServe(t, ["--drain-notice-ms", "60000"]);
    serve.child.kill("SIGINT");
    await serve.said("Draining");
    assert.equal((await fetch(`http://127.0.0.1:${port}/health`)).status, 503);
  });

  it("cuts what is left at the deadline, and says so", async (t) => {
    const { serve, port } = await startServe(t, ["--drain-ms", "100"]);
    const deaf = await RawPeer.open(port, { path: "/echo" });
    t.after(() => deaf.destroy());
    serve.child.kill("SIGTERM");
    assert.equal(await serve.exit(), ExitCode.drainCut);
    assert.match(serve.stdout, /Drained: 0 closed, 1 cut at the deadline\.\n$/);
  });

  it("ends at once at a second signal", async (t) => {
    const { serve, port } = await startServe(t);
    const deaf = await RawPeer.open(port, { path: "/echo" });
    t.after(() => deaf.destroy());
    serve.child.kill("SIGINT");
    await serve.said("Draining");
    serve.child.kill("SIGTERM");
    assert.equal(await serve.exit(), ExitCode.terminated);
  });

  it("lets a variable overrule the file, and a flag the variable, also for the transport", async (t) => {
    const config = folder.write("sluice.json", '{ "limits": { "maxConnections": 11 } }');
    const env = { SLUICE_CONFIG: config, SLUICE_MAX_CONNECTIONS: "12", SLUICE_TRANSPORT: "auto" };
    const fromVariable = await startServe(t, [], { env });
    assert.equal(await maxConnectionsAt(fromVariable.port), 12);
    const fromFlag = await startServe(t, ["--max-connections", "13", "--transport", "portable"], { env });
    assert.equal(await maxConnectionsAt(fromFlag.port), 13);
  });

  it("serves TLS", async (t) => {
    const cert = folder.write("cert.pem", tlsIdentity.cert);
    const key = folder.write("key.pem", tlsIdentity.key);
    const { serve, port } = await startServe(t, ["--tls-cert", cert, "--tls-key", key]);
    assert.match(serve.stdout, /https:\/\/localhost/);
    const client = new WebSocket(`wss://localhost:${port}/echo`, { ca: tlsIdentity.cert });
    await once(client, "open");
    client.send("hello");
    assert.equal(String((await once(client, "message"))[0]), "Received: hello");
    client.terminate();
  });

  it("writes one printable line for many refusals", async (t) => {
    const { serve, port } = await startServe(t);
    for (let attempt = 0; attempt < 20; attempt++) {
      const client = new WebSocket(`ws://localhost:${port}/echo`, {
        origin: `http://evil.test/\u009b${attempt}`,
      });
      await once(client, "error");
    }
    await serve.said("a handshake was refused");
    assert.equal(serve.stderr.trimEnd().split("\n").length, 1, serve.stderr);
    assert.doesNotMatch(serve.stderr.trimEnd(), /\p{Cc}/u);
  });

  it("lets no slow member hold up its group", async (t) => {
    const { port } = await startServe(t, [
      "--send-high-water-bytes",
      "64KiB",
      "--send-low-water-bytes",
      "16KiB",
      "--send-max-bytes",
      "256KiB",
    ]);
    const url = `ws://127.0.0.1:${port}/group/busy`;
    const [sender, reader, slow] = [new WebSocket(url), new WebSocket(url), new WebSocket(url)];
    await Promise.all([sender, reader, slow].map((socket) => once(socket, "open")));
    slow.pause();
    const [got, gotBack] = [{ messages: 0 }, { messages: 0 }];
    reader.on("message", () => void got.messages++);
    sender.on("message", () => void gotBack.messages++);
    const message = "x".repeat(32_000);
    for (let sent = 1; sent <= 1000; sent++) {
      sender.send(message);
      await waitFor("the reader to have it", () => got.messages === sent && gotBack.messages === sent);
    }
    const left = once(slow, "close") as Promise<[number]>;
    slow.resume();
    const [code] = await left;
    assert.ok([1006, 1013].includes(code), String(code));
    for (const socket of [sender, reader]) socket.terminate();
  });
});

describe("sluice serve with a database", () => {
  it("keeps every message of the chat that it has acknowledged, though it is killed", async (t) => {
    const database = `sqlite:${folder.path}/chat.db`;
    const first = await startServe(t, ["--database", database]);
    assert.match(first.serve.stdout, /The chat is kept in the database \(sqlite\)/);
    const writer = new WebSocket(`ws://localhost:${first.port}/chat`);
    const acknowledged = new Set<number>();
    await once(writer, "open");
    writer.on("message", (data) => {
      const event = JSON.parse(String(data)) as { type: string; id: number };
      if (event.type === "kept") acknowledged.add(event.id);
    });
    for (let ref = 1; ref <= 9; ref++)
      writer.send(JSON.stringify({ name: "Ada", text: `message ${ref}`, ref: String(ref) }));
    await waitFor("some to be kept", () => acknowledged.size >= 3);
    first.serve.child.kill("SIGKILL");
    await first.serve.exit();
    const second = await startServe(t, [], { env: { SLUICE_DATABASE: database } });
    const reader = new WebSocket(`ws://localhost:${second.port}/chat`);
    const [data] = (await once(reader, "message")) as [Buffer];
    const history = JSON.parse(String(data)) as { keptIn: string; messages: { id: number; text: string }[] };
    assert.equal(history.keptIn, "database");
    const there = new Map(history.messages.map(({ id, text }) => [id, text]));
    for (const id of acknowledged) assert.equal(there.get(id), `message ${id}`);
    second.serve.child.kill("SIGTERM");
    assert.equal(await second.serve.exit(), ExitCode.ok);
  });

  it("answers queries", async (t) => {
    const { serve, port } = await startServe(t, ["--demo", "--no-page"]);
    assert.match(serve.stdout, /query +ws:\/\/localhost:\d+\/query/);
    const client = new WebSocket(`ws://localhost:${port}/query`);
    await once(client, "open");
    client.send("42");
    assert.equal(String((await once(client, "message"))[0]), '{"id":42,"name":"user 42"}');
    client.terminate();
  });
});

describe("sluice serve, where it can't", () => {
  async function fails(
    t: TestContext,
    expected: { argv: string[]; exitCode: number; says: RegExp },
  ): Promise<void> {
    const command = new CliProcess(t, ["serve", ...expected.argv]);
    assert.equal(await command.exit(), expected.exitCode, command.stderr);
    assert.match(command.stderr, expected.says);
    assert.equal(command.stderr.trimEnd().split("\n").length, 1, command.stderr);
    assert.equal(command.stdout, "");
  }

  it("says that the port is taken", async (t) => {
    const other = createServer();
    const port = String(await portOf(other));
    t.after(() => other.close());
    const says = new RegExp(`^sluice: .*127\\.0\\.0\\.1:${port}.*in use.* \\(SLUICE_ADDRESS_IN_USE\\)\n$`);
    await fails(t, { argv: ["--host", "127.0.0.1", "--port", port], exitCode: ExitCode.failed, says });
  });

  it("says which setting is wrong, and ends as after a wrong flag", async (t) => {
    const config = folder.write("wrong.json", '{"limits":{"maxConections":5}}');
    const says = /limits\.maxConections is not an option.*\(SLUICE_CONFIG_INVALID\)/;
    await fails(t, { argv: ["--config", config], exitCode: ExitCode.usage, says });
    const marks = ["--send-high-water-bytes", "100", "--send-low-water-bytes", "200"];
    await fails(t, { argv: marks, exitCode: ExitCode.usage, says: /lowWaterBytes: must be below/ });
  });

  it("says that its database can't be reached, or isn't one", async (t) => {
    const port = await freePort();
    for (const scheme of ["mysql", "postgres"]) {
      const argv = ["--port", "0", "--database", `${scheme}://root:secret@127.0.0.1:${port}/test`];
      await fails(t, { argv, exitCode: ExitCode.resourceUnavailable, says: /\(SLUICE_UNREACHABLE\)/ });
    }
    const file = ["--port", "0", "--database", "sqlite:/no/such/folder/chat.db"];
    await fails(t, { argv: file, exitCode: ExitCode.resourceUnavailable, says: /\(SLUICE_\w+\)/ });
    const unknown = ["--port", "0", "--database", "oracle://localhost/test"];
    await fails(t, { argv: unknown, exitCode: ExitCode.usage, says: /\(SLUICE_UNKNOWN_SCHEME\)/ });
  });

  it("says which TLS file is missing", async (t) => {
    const argv = ["--tls-cert", "missing.pem", "--tls-key", "missing.key"];
    await fails(t, { argv, exitCode: ExitCode.failed, says: /\(SLUICE_TLS_UNREADABLE\)/ });
  });
});
