import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { Server } from "../../src/index.ts";
import { startServer } from "../support/test-server.ts";
import { waitFor } from "../support/wait-for.ts";
import { WsClient } from "../support/ws-client.ts";

/** A server where each connection joins the groups that its path names, and what it sends goes to the first. */
function groupServer(t: TestContext): Promise<Server> {
  const ready: { server?: Server } = {};
  return startServer(t, {
    routes: {
      "/:names": async (socket) => {
        const { server } = ready;
        const names = String(socket.request.params["names"]).split(",");
        for (const name of names) server?.group(name).add(socket);
        socket.send(`in ${names.join()}`);
        for await (const message of socket) server?.group(String(names[0])).send(message);
      },
    },
  }).then((server) => {
    ready.server = server;
    return server;
  });
}

async function member(t: TestContext, server: Server, names: string): Promise<WsClient> {
  const client = await WsClient.open(t, `${server.url}/${names}`);
  assert.equal(await client.next(), `in ${names}`);
  return client;
}

describe("groups, with ws clients", () => {
  it("get what one of their members sends, the sender too, and nobody else does", async (t) => {
    const server = await groupServer(t);
    const [a, b, other] = [
      await member(t, server, "lobby"),
      await member(t, server, "lobby"),
      await member(t, server, "else"),
    ];
    a.send("text");
    a.send(Buffer.from("bytes"));
    other.send("elsewhere");
    for (const client of [a, b]) assert.deepEqual(await client.take(2), ["text", Buffer.from("bytes")]);
    assert.equal(await other.next(), "elsewhere");
    assert.equal(a.received.length + b.received.length + other.received.length, 3 + 2 + 2 + 1);
  });

  it("give each member all messages of all its groups, in the order in which they were sent", async (t) => {
    const server = await groupServer(t);
    const both = await member(t, server, "one,two");
    const one = await member(t, server, "one");
    const two = await member(t, server, "two");
    const sent: { readonly group: string; readonly text: string }[] = [];
    for (let count = 0; count < 2_000; count++) {
      const group = ["one", "two", "all"][(count * 7) % 3] as string;
      const text = `${group} ${count}`;
      sent.push({ group, text });
      if (group === "all") server.broadcast(text);
      else server.group(group).send(text);
      if (count % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const expected = (groups: readonly string[]): string[] =>
      sent.filter(({ group }) => groups.includes(group)).map(({ text }) => text);
    for (const [client, groups] of [
      [both, ["one", "two", "all"]],
      [one, ["one", "all"]],
      [two, ["two", "all"]],
    ] as const) {
      const texts = expected(groups);
      assert.deepEqual(await client.take(texts.length), texts);
    }
  });

  it("give those who join only what is sent from then on, and those who leave what was sent before", async (t) => {
    const server = await groupServer(t);
    const staying = await member(t, server, "lobby");
    const coming = await member(t, server, "else");
    const [, second] = [...server.connections];
    const lobby = server.group("lobby");
    const [first] = [...lobby];
    assert.ok(first !== undefined && second !== undefined);
    lobby.send("1");
    lobby.add(second);
    lobby.send("2");
    lobby.remove(first);
    lobby.send("3");
    assert.equal(lobby.size, 1);
    assert.equal(lobby.has(second), true);
    assert.deepEqual(await coming.take(2), ["2", "3"]);
    assert.deepEqual(await staying.take(2), ["1", "2"]);
    server.broadcast("end");
    assert.equal(await staying.next(), "end");
  });

  it("lose a member whose connection closes, and are forgotten with the last", async (t) => {
    const server = await groupServer(t);
    const [a, b] = [await member(t, server, "lobby"), await member(t, server, "lobby")];
    assert.equal(server.group("lobby").size, 2);
    a.socket.terminate();
    await waitFor("one to leave", () => server.group("lobby").size === 1);
    b.socket.close();
    await waitFor("the other to leave", () => server.group("lobby").size === 0);
    server.group("lobby").send("to nobody");
  });

  it("carry many messages to many members, each whole and in order", async (t) => {
    const server = await groupServer(t);
    const clients: WsClient[] = [];
    for (let count = 0; count < 30; count++) clients.push(await member(t, server, "crowd"));
    for (const [at, client] of clients.entries()) {
      for (let count = 0; count < 20; count++) client.send(`${at}:${count}:${"z".repeat(count * 50)}`);
    }
    const all = await Promise.all(clients.map((client) => client.take(600)));
    for (const received of all) {
      assert.deepEqual(received, all[0], "the same order for all");
      for (const at of clients.keys()) {
        const own = received.filter((message) => String(message).startsWith(`${at}:`));
        assert.deepEqual(
          own,
          Array.from({ length: 20 }, (_, count) => `${at}:${count}:${"z".repeat(count * 50)}`),
        );
      }
    }
    assert.equal(server.stats().messagesOut, 30 + 30 * 600);
  });
});
