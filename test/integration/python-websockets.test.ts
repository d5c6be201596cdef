import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { after, before, describe, it } from "node:test";
import { refuse } from "../../src/index.ts";
import { echo } from "../support/handlers.ts";
import { startServer } from "../support/test-server.ts";
import { inTime, waitFor } from "../support/wait-for.ts";

// The one that Debian's python3-websockets belongs to.
const PYTHON = "/usr/bin/python3";

// With CI set, a peer that is missing is a failure.
const isThere = spawnSync(PYTHON, ["-c", "import websockets"]).status === 0;
const skip =
  isThere || process.env["CI"] !== undefined ? false : "Debian's python3-websockets is not installed";

/** Python's client, which does one thing after the other. */
class PythonPeer {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor() {
    const script = new URL("../support/python-peer.py", import.meta.url).pathname;
    this.#child = spawn(PYTHON, [script], { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async ask(step: Record<string, unknown>): Promise<unknown> {
    this.#child.stdin.write(`${JSON.stringify(step)}\n`);
    const { value, done } = await inTime("Python's answer", this.#lines.next(), 60_000);
    if (done === true) throw new Error("Python has ended");
    return JSON.parse(value);
  }

  async end(): Promise<void> {
    this.#child.stdin.end();
    await once(this.#child, "exit");
  }
}

const SIZES = [0, 1, 2, 125, 126, 127, 1_000, 16_384, 65_535, 65_536, 500_000];

describe("Python's websockets", { skip }, () => {
  let python: PythonPeer;
  before(() => {
    python = new PythonPeer();
  });
  after(() => python.end());

  it("is echoed", async (t) => {
    const server = await startServer(t, { handler: echo });
    assert.deepEqual(await python.ask({ do: "echo", url: server.url, sizes: SIZES }), {
      subprotocol: null,
      extensions: [],
      same: SIZES.length * 2,
      of: SIZES.length * 2,
    });
  });

  it("is echoed what it sends in fragments", async (t) => {
    const server = await startServer(t, { handler: echo });
    const answer = await python.ask({ do: "echo", url: server.url, sizes: SIZES, fragments: true });
    assert.deepEqual(answer, { subprotocol: null, extensions: [], same: 22, of: 22 });
  });

  for (const noContextTakeover of [true, false]) {
    it(`is echoed with compression, context takeover ${noContextTakeover ? "off" : "on"}`, async (t) => {
      const server = await startServer(t, {
        handler: echo,
        compression: {
          serverNoContextTakeover: noContextTakeover,
          clientNoContextTakeover: noContextTakeover,
          thresholdBytes: 0,
          maxRatio: 100_000,
        },
      });
      const options = { compression: "deflate" };
      for (const fragments of [false, true]) {
        assert.deepEqual(
          await python.ask({ do: "echo", url: server.url, sizes: SIZES, fragments, options }),
          {
            subprotocol: null,
            extensions: ["permessage-deflate"],
            same: 22,
            of: 22,
          },
        );
      }
    });
  }

  it("agrees on a subprotocol", async (t) => {
    const server = await startServer(t, { handler: echo, subprotocols: ["b", "a"] });
    const options = { subprotocols: ["a", "b"] };
    const answer = await python.ask({ do: "echo", url: server.url, sizes: [1], options });
    assert.deepEqual(answer, { subprotocol: "b", extensions: [], same: 2, of: 2 });
  });

  it("is ponged", async (t) => {
    const server = await startServer(t, { handler: echo });
    assert.deepEqual(await python.ask({ do: "ping", url: server.url }), { ponged: true });
  });

  it("closes, and is answered", async (t) => {
    const codes: unknown[] = [];
    const server = await startServer(t, {
      handler: { close: (_, code, reason) => void codes.push([code, reason]) },
    });
    const answer = await python.ask({ do: "close", url: server.url, code: 4000, reason: "bye ä" });
    assert.deepEqual(answer, { code: 4000, reason: "" });
    await waitFor("the end", () => codes.length === 1);
    assert.deepEqual(codes, [[4000, "bye ä"]]);
  });

  it("gets what groups send, in order, and is sent away", async (t) => {
    const server = await startServer(t, {
      handler: (socket) => {
        const group = server.group("g");
        group.add(socket);
        for (let count = 0; count < 50; count++) {
          group.send(`group ${count}`);
          socket.send(`direct ${count}`);
        }
        socket.close(3000, "enough");
      },
    });
    const messages = Array.from({ length: 50 }, (_, count) => [`group ${count}`, `direct ${count}`]).flat();
    assert.deepEqual(await python.ask({ do: "receive", url: server.url }), {
      messages,
      code: 3000,
      reason: "enough",
    });
  });

  it("is refused", async (t) => {
    const server = await startServer(t, { handler: echo, authenticate: () => refuse(402, "Pay first") });
    assert.deepEqual(await python.ask({ do: "echo", url: server.url, sizes: [] }), {
      status: 402,
    });
  });
});
