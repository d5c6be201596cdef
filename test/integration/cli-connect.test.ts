import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { ExitCode } from "../../src/cli/exit-codes.ts";
import type { Server, ServerOptions } from "../../src/server/index.ts";
import { CliProcess } from "../support/cli-process.ts";
import { startServer } from "../support/test-server.ts";
import { tlsIdentity } from "../support/tls-identity.ts";
import { waitFor } from "../support/wait-for.ts";

type Handler = NonNullable<ServerOptions["handler"]>;

/** Echoes so many messages, then closes with 1000. */
function echo(count: number): Handler {
  return async (socket) => {
    let left = count;
    for await (const message of socket) {
      if (!socket.send(message)) await socket.drained();
      if (--left === 0) return;
    }
  };
}

/** Long enough for any answer: these commands end because the server closes. */
const PATIENT = ["--linger-ms", "60000"];

async function connectTo(
  t: TestContext,
  handler: Handler,
  argv: readonly string[] = [],
): Promise<{ server: Server; command: CliProcess }> {
  const server = await startServer(t, { handler, subprotocols: ["chat"] });
  return { server, command: new CliProcess(t, ["connect", `ws://127.0.0.1:${server.port}/`, ...argv]) };
}

describe("sluice connect", () => {
  it("sends lines, and writes messages as lines", async (t) => {
    const { command } = await connectTo(t, echo(3), PATIENT);
    command.end("one\ntwo\r\nzwölf");
    assert.equal(await command.exit(), ExitCode.ok);
    assert.equal(command.stdout, "one\ntwo\nzwölf\n");
    assert.equal(command.stderr, "");
  });

  it("closes with 1000 at the end of its input", async (t) => {
    const { server, command } = await connectTo(t, echo(100));
    command.end("one\n");
    assert.equal(await command.exit(), ExitCode.ok);
    assert.deepEqual(server.stats().closed, { 1000: 1 });
  });

  it("loses no line of a long input", async (t) => {
    const { command } = await connectTo(t, echo(50_000), PATIENT);
    const lines = Array.from({ length: 50_000 }, (_, index) => `line ${index} ${"x".repeat(index % 50)}`);
    command.end(lines.join("\n"));
    assert.equal(await command.exit(), ExitCode.ok);
    assert.equal(command.stdout, `${lines.join("\n")}\n`);
  });

  it("sends lines as bytes, and writes bytes as they came", async (t) => {
    const { command } = await connectTo(t, echo(2), ["--binary", ...PATIENT]);
    const bytes = Buffer.from([0, 255, 0x1b, 0x80]);
    command.end(Buffer.concat([bytes, Buffer.from("\n"), bytes]));
    assert.equal(await command.exit(), ExitCode.ok);
    assert.deepEqual(command.output, Buffer.concat([bytes, bytes]));
  });

  it("sends headers and subprotocols", async (t) => {
    const argv = [
      "-H",
      "X-Token: a: b",
      "-H",
      "X-List: 1",
      "-H",
      "X-List: 2",
      "-s",
      "mqtt",
      "--subprotocol",
      "chat",
    ];
    const { command } = await connectTo(
      t,
      (socket) => {
        const { request, subprotocol } = socket;
        socket.send(JSON.stringify([request.header("x-token"), request.header("x-list"), subprotocol]));
      },
      argv,
    );
    await command.exit();
    assert.deepEqual(JSON.parse(command.stdout), ["a: b", "1, 2", "chat"]);
  });

  it("speaks TLS, to a certificate that it can't check only where it is told to", async (t) => {
    const server = await startServer(t, { handler: echo(1), tls: tlsIdentity });
    const url = `wss://127.0.0.1:${server.port}/`;
    const careful = new CliProcess(t, ["connect", url]);
    assert.equal(await careful.exit(), ExitCode.failed);
    assert.match(careful.stderr, /self-signed.*\(SLUICE_CONNECT_FAILED\)/);
    const insecure = new CliProcess(t, ["connect", url, "--insecure", ...PATIENT]);
    insecure.end("hello\n");
    assert.equal(await insecure.exit(), ExitCode.ok);
    assert.equal(insecure.stdout, "hello\n");
  });

  it("says by its exit code how the connection closed", async (t) => {
    const closings: [number, ExitCode][] = [
      [1001, ExitCode.ok],
      [1013, ExitCode.closedComeBack],
      [4000, ExitCode.closedByApplication],
    ];
    for (const [closeCode, exitCode] of closings) {
      const { command } = await connectTo(t, (socket) => socket.close(closeCode, "because\n\u009b"));
      assert.equal(await command.exit(), exitCode, String(closeCode));
      const said = exitCode === ExitCode.ok ? "" : `sluice: closed with ${closeCode}: because\\n\\x9b\n`;
      assert.equal(command.stderr, said);
    }
    const { command } = await connectTo(t, { message: (socket) => socket.terminate() });
    command.write("go\n");
    assert.equal(await command.exit(), ExitCode.connectionLost);
    assert.match(command.stderr, /lost \(1006\)/);
  });

  it("says why it could not connect", async (t) => {
    const server = await startServer(t, { routes: { "/here": echo(1) } });
    const refused = new CliProcess(t, ["connect", `ws://127.0.0.1:${server.port}/there`]);
    assert.equal(await refused.exit(), ExitCode.handshakeRefused);
    assert.match(
      refused.stderr,
      /answered the handshake with 404 \(Not Found.*\(SLUICE_HANDSHAKE_REFUSED\)\n$/,
    );
    const nobody = new CliProcess(t, ["connect", "ws://127.0.0.1:1/"]);
    assert.equal(await nobody.exit(), ExitCode.failed);
    assert.match(nobody.stderr, /^sluice: .*ECONNREFUSED.*\(SLUICE_CONNECT_FAILED\)\n$/);
    for (const argv of [
      ["ftp://h/"],
      ["ws://h/", "--header", "nonsense"],
      ["ws://h/", "--linger-ms", "x"],
      [],
    ]) {
      assert.equal(await new CliProcess(t, ["connect", ...argv]).exit(), ExitCode.usage, argv.join(" "));
    }
  });

  it("closes with 1000 at Ctrl-C", async (t) => {
    const { server, command } = await connectTo(t, echo(100));
    command.write("hello\n");
    await command.said("hello");
    command.child.kill("SIGINT");
    assert.equal(await command.exit(), ExitCode.ok);
    assert.deepEqual(server.stats().closed, { 1000: 1 });
  });

  it("ends when nobody reads its output any more", async (t) => {
    const { command } = await connectTo(t, async (socket) => {
      while (socket.state === "open") {
        if (!socket.send("x".repeat(1000))) await socket.drained();
      }
    });
    await command.said("xxx");
    command.child.stdout?.destroy();
    await command.exit();
  });

  it("holds the server back while nobody reads its output", async (t) => {
    let sent = 0;
    const { command } = await connectTo(t, async (socket) => {
      while (socket.state === "open") {
        sent += 10_000;
        if (!socket.send("x".repeat(10_000))) await socket.drained();
      }
    });
    await command.said("xxx");
    command.child.stdout?.pause();
    let before = -1;
    await waitFor("the server to be held back", async () => {
      const isStill = sent === before;
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return isStill && sent === before;
    });
  });
});
