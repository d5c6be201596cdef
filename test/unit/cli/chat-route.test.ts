import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { ChatMessage } from "../../../src/cli/chat-messages.ts";
import { type ChatEvent, chatRoute, SHOWN_ON_OPENING } from "../../../src/cli/chat-route.ts";
import { SluiceError } from "../../../src/errors/index.ts";
import { createServer, type Server } from "../../../src/server/index.ts";
import { RawPeer, textFrame } from "../../support/raw-peer.ts";

/** A store whose inserts end when a test says so. */
class FakeMessages {
  readonly kept: ChatMessage[] = [];
  /** Resolves when an insert may end; rejects to let it fail. */
  gate: Promise<void> = Promise.resolve();
  failing = false;

  async add(name: string, text: string): Promise<ChatMessage> {
    await this.gate;
    if (this.failing) throw new SluiceError("SLUICE_UNREACHABLE", { name: "database", reason: "secret" });
    const message = { id: this.kept.length + 1, name, text, at: 5 };
    this.kept.push(message);
    return message;
  }

  async latest(count: number): Promise<ChatMessage[]> {
    if (this.failing) throw new Error("secret");
    return this.kept.slice(-count);
  }
}

interface Chat {
  readonly messages: FakeMessages;
  readonly server: Server;
  readonly reports: unknown[];
  join(): Promise<RawPeer>;
}

async function start(t: TestContext): Promise<Chat> {
  const messages = new FakeMessages();
  const reports: unknown[] = [];
  const report = (error: unknown): void => void reports.push(error);
  const members = (): ReturnType<Server["group"]> => server.group("chat");
  const server: Server = createServer({
    host: "127.0.0.1",
    port: 0,
    routes: { "/chat": chatRoute({ messages, keptIn: "memory", members, report }) },
  });
  await server.listen();
  t.after(() => server.close({ drainMs: 0 }));
  return { messages, server, reports, join: () => RawPeer.open(server.port, { path: "/chat" }) };
}

const next = async (peer: RawPeer): Promise<ChatEvent> => JSON.parse(await peer.text()) as ChatEvent;
const say = (peer: RawPeer, message: unknown): void => peer.write(textFrame(JSON.stringify(message)));

describe("the chat", () => {
  it("shows the last messages to who comes, then each as it comes", async (t) => {
    const { messages, join } = await start(t);
    for (let count = 0; count < SHOWN_ON_OPENING + 5; count++) await messages.add("Ada", `message ${count}`);
    const peer = await join();
    const history = await next(peer);
    assert.equal(history.type, "history");
    assert.ok(history.type === "history");
    assert.equal(history.keptIn, "memory");
    assert.deepEqual(history.messages, messages.kept.slice(-SHOWN_ON_OPENING));
    const other = await join();
    await next(other);
    say(peer, { name: " Ada ", text: "hello 🙂", ref: "mine" });
    const message = { type: "message", id: SHOWN_ON_OPENING + 6, name: "Ada", text: "hello 🙂", at: 5 };
    assert.deepEqual(await next(other), message);
    assert.deepEqual(await next(peer), message);
    assert.deepEqual(await next(peer), { type: "kept", ref: "mine", id: message.id });
  });

  it("gives nobody what isn't kept yet", async (t) => {
    const { messages, join } = await start(t);
    const [sender, other] = [await join(), await join()];
    await Promise.all([next(sender), next(other)]);
    let open = (): void => {};
    messages.gate = new Promise((resolve) => (open = resolve));
    say(sender, { name: "Ada", text: "slow" });
    // A wrong one of the other peer is answered at once, so that it would come after the first one if that had been sent.
    say(other, {});
    assert.equal((await next(other)).type, "refused");
    assert.equal(messages.kept.length, 0);
    open();
    assert.deepEqual(await next(other), { type: "message", ...(messages.kept.at(0) as ChatMessage) });
  });

  it("tells its sender alone, and no secrets, when a message can't be kept", async (t) => {
    const { messages, join, reports } = await start(t);
    const [sender, other] = [await join(), await join()];
    await Promise.all([next(sender), next(other)]);
    messages.failing = true;
    say(sender, { name: "Ada", text: "lost", ref: "1" });
    const refused = await next(sender);
    assert.ok(refused.type === "refused");
    assert.deepEqual([refused.ref, refused.code], ["1", "SLUICE_UNREACHABLE"]);
    assert.doesNotMatch(JSON.stringify(refused), /secret/);
    assert.equal(reports.length, 1);
    const late = await join();
    const noHistory = await next(late);
    assert.ok(noHistory.type === "refused");
    assert.deepEqual([noHistory.code, reports.length], ["UNKNOWN", 2]);
    messages.failing = false;
    say(late, { name: "Eve", text: "back" });
    assert.equal((await next(other)).type, "message");
    assert.equal((await next(late)).type, "message");
  });

  it("says what is wrong with a message, and keeps nothing of it", async (t) => {
    const { messages, join } = await start(t);
    const wrong: [message: string, says: RegExp][] = [
      ["hello", /Send JSON/],
      ["null", /it/],
      ["[]", /it/],
      ['{"name":"Ada"}', /text must be a text/],
      ['{"name":"  ","text":"x"}', /name must not be empty/],
      [JSON.stringify({ name: "a".repeat(41), text: "x" }), /name must have at most 40/],
      [JSON.stringify({ name: "Ada", text: "x".repeat(501) }), /text must have at most 500/],
      ['{"name":"Ada","text":"a\\u0000b"}', /one line/],
      ['{"name":"Ada","text":"a\\nb"}', /one line/],
      ['{"name":"Ada","text":"\\ud800"}', /one line/],
      ['{"name":"Ada","text":"\\u202etxt"}', /one line/],
      ['{"name":"Ada","text":"x","admin":true}', /admin/i],
      [JSON.stringify({ name: "Ada", text: "x", ref: "r".repeat(65) }), /ref/],
    ];
    for (const [message, says] of wrong) {
      const peer = await join();
      await next(peer);
      peer.write(textFrame(message));
      const refused = await next(peer);
      assert.ok(refused.type === "refused", message);
      assert.equal(refused.code, "INVALID_MESSAGE");
      assert.match(refused.reason, says, message);
      peer.destroy();
    }
    assert.deepEqual(messages.kept, []);
  });

  it("sends away who sends too much at a time, or too many", async (t) => {
    const { join } = await start(t);
    const large = await join();
    await next(large);
    large.write(textFrame("x".repeat(9_000)));
    assert.equal((await large.closing()).code, 1009);
    const many = await join();
    await next(many);
    for (let count = 0; count < 30; count++) say(many, { name: "Ada", text: "again" });
    assert.equal((await many.closing()).code, 1008);
  });
});
