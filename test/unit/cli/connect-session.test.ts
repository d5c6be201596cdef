import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { ConnectConsole, ConsoleEvents } from "../../../src/cli/connect-console.ts";
import { ConnectSession, type SessionOptions } from "../../../src/cli/connect-session.ts";
import { parseTarget } from "../../../src/cli/connect-target.ts";
import type { ServerOptions } from "../../../src/server/index.ts";
import { startServer } from "../../support/test-server.ts";
import { inTime, waitFor } from "../../support/wait-for.ts";

class FakeConsole implements ConnectConsole {
  readonly shown: (string | Buffer)[] = [];
  readonly notes: string[] = [];
  events: ConsoleEvents | undefined;
  takes = true;
  isPaused = false;
  isClosed = false;

  start(events: ConsoleEvents): void {
    this.events = events;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  show(message: string | Buffer): boolean {
    this.shown.push(message);
    return this.takes;
  }

  note(line: string): void {
    this.notes.push(line);
  }

  close(): void {
    this.isClosed = true;
  }
}

const echo: NonNullable<ServerOptions["handler"]> = async (socket) => {
  for await (const message of socket) socket.send(message);
};

async function setUp(
  t: TestContext,
  handler: NonNullable<ServerOptions["handler"]>,
  options: Partial<SessionOptions> = {},
): Promise<{ session: ConnectSession; console: FakeConsole; end: ReturnType<ConnectSession["run"]> }> {
  const server = await startServer(t, { handler });
  const console = new FakeConsole();
  const target = parseTarget(`ws://127.0.0.1:${server.port}`);
  const session = new ConnectSession(target, console, {
    binary: false,
    announce: false,
    lingerMs: 0,
    ...options,
  });
  const end = inTime("the session to end", session.run());
  end.catch(() => {});
  await waitFor("the console to be started", () => console.events !== undefined);
  return { session, console, end };
}

describe("ConnectSession", () => {
  it("sends lines as text and shows what comes", async (t) => {
    const { console, end } = await setUp(t, echo);
    console.events?.onLine("one");
    console.events?.onLine(Buffer.from("zwölf"));
    await waitFor("the echoes", () => console.shown.length === 2);
    assert.deepEqual(console.shown, ["one", "zwölf"]);
    console.events?.onEnd();
    assert.deepEqual(await end, { code: 1000, reason: "" });
    assert.equal(console.isClosed, true);
    assert.deepEqual(console.notes, []);
  });

  it("sends lines as bytes where it is told to", async (t) => {
    const { console } = await setUp(t, echo, { binary: true });
    console.events?.onLine("one");
    console.events?.onLine(Buffer.from([0, 255]));
    await waitFor("the echoes", () => console.shown.length === 2);
    assert.deepEqual(console.shown, [Buffer.from("one"), Buffer.from([0, 255])]);
  });

  it("waits at the end of the input until no answer has come for a while", async (t) => {
    let answer: (message: string) => void = () => {};
    const { console, end } = await setUp(
      t,
      (socket) => {
        answer = (message) => {
          socket.send(message);
          socket.flush();
        };
        return socket.closed;
      },
      { lingerMs: 500 },
    );
    const realTimeout = setTimeout;
    const until = async (condition: () => boolean): Promise<void> => {
      while (!condition()) await new Promise((resolve) => realTimeout(resolve, 1));
    };
    t.mock.timers.enable({ apis: ["setTimeout"] });
    console.events?.onEnd();
    for (let count = 1; count <= 3; count++) {
      t.mock.timers.tick(499);
      answer(`answer ${count}`);
      await until(() => console.shown.length === count);
    }
    assert.equal(console.isClosed, false);
    t.mock.timers.tick(500);
    await until(() => console.isClosed);
    t.mock.timers.reset();
    assert.deepEqual(await end, { code: 1000, reason: "" });
  });

  it("ends with the server's code and reason", async (t) => {
    const { end, console } = await setUp(t, (socket) => socket.close(4321, "enough"), { announce: true });
    assert.deepEqual(await end, { code: 4321, reason: "enough" });
    assert.match(console.notes[0] ?? "", /^connected to ws:\/\/127/);
  });

  it("closes when it is asked to, if it is connected", async (t) => {
    const { session, end } = await setUp(t, echo);
    assert.equal(session.close(), true);
    assert.deepEqual(await end, { code: 1000, reason: "" });
    const options = { binary: false, announce: false, lingerMs: 0 };
    assert.equal(
      new ConnectSession(parseTarget("ws://127.0.0.1:1"), new FakeConsole(), options).close(),
      false,
    );
  });

  it("reads no more than the console takes", async (t) => {
    let sent = 0;
    const { session, console } = await setUp(t, async (socket) => {
      while (socket.state === "open") {
        sent++;
        if (!socket.send("x".repeat(10_000))) await socket.drained();
      }
    });
    await waitFor("messages", () => console.shown.length > 0);
    console.takes = false;
    let before = -1;
    await waitFor("the flow to stop", async () => {
      const isStill = sent === before;
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return isStill && sent === before;
    });
    const shown = console.shown.length;
    console.takes = true;
    session.onShown();
    await waitFor("the flow to go on", () => console.shown.length > shown + 100);
  });

  it("reads no more lines than the connection takes", async (t) => {
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const { console } = await setUp(t, async (socket) => {
      await gate;
      for await (const _ of socket);
    });
    while (!console.isPaused) console.events?.onLine("x".repeat(100_000));
    open();
    await waitFor("the connection to take more", () => !console.isPaused);
  });

  it("fails if there is nothing to connect to", async () => {
    const session = new ConnectSession(parseTarget("ws://127.0.0.1:1"), new FakeConsole(), {
      binary: false,
      announce: false,
      lingerMs: 0,
    });
    await assert.rejects(session.run(), { code: "SLUICE_CONNECT_FAILED" });
  });
});
