import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it, type TestContext } from "node:test";
import { WebSocket } from "ws";
import { createDemo, type Demo } from "../../../src/cli/demo-server.ts";
import { waitFor } from "../../support/wait-for.ts";

async function start(t: TestContext, page = true): Promise<Demo & { base: string }> {
  const demo = createDemo({ server: { host: "127.0.0.1", port: 0 }, page, version: "1.2.3" });
  await demo.server.listen();
  t.after(() => demo.server.close({ drainMs: 0, spreadMs: 0 }));
  return { ...demo, base: `127.0.0.1:${demo.server.port}` };
}

interface Peer {
  readonly socket: WebSocket;
  readonly got: string[];
}

async function open(url: string): Promise<Peer> {
  const socket = new WebSocket(`ws://${url}`);
  const got: string[] = [];
  socket.on("message", (data, isBinary) =>
    got.push(isBinary ? `binary ${(data as Buffer).toString("hex")}` : String(data)),
  );
  await once(socket, "open");
  return { socket, got };
}

describe("createDemo", () => {
  it("answers at /echo", async (t) => {
    const { base } = await start(t);
    const { socket, got } = await open(`${base}/echo`);
    for (const message of ["one", "zwölf", ""]) socket.send(message);
    socket.send(Buffer.from("bytes"));
    await waitFor("the answers", () => got.length === 4);
    assert.deepEqual(got, ["Received: one", "Received: zwölf", "Received: ", "Received: bytes"]);
  });

  it("gives all of a group what one sends, as it was sent, the sender too, and nobody else", async (t) => {
    const { base } = await start(t);
    const [one, two, other] = await Promise.all([
      open(`${base}/group/lobby`),
      open(`${base}/group/lobby?x=1`),
      open(`${base}/group/Lobby`),
    ]);
    one.socket.send("text");
    await waitFor("the text", () => two.got.length === 1);
    two.socket.send(Buffer.from([0, 255]));
    await waitFor("the bytes", () => one.got.length === 2 && two.got.length === 2);
    assert.deepEqual(one.got, ["text", "binary 00ff"]);
    assert.deepEqual(two.got, ["text", "binary 00ff"]);
    other.socket.send("alone");
    await waitFor("the other group", () => other.got.length === 1);
    assert.deepEqual(other.got, ["alone"]);
  });

  it("lets a member that has gone hear no more, and takes any name", async (t) => {
    const { base, server } = await start(t);
    const name = encodeURIComponent("__proto__ / 🙂");
    const [one, two] = await Promise.all([open(`${base}/group/${name}`), open(`${base}/group/${name}`)]);
    two.socket.close();
    await waitFor("it to go", () => server.connections.size === 1);
    one.socket.send("still here");
    await waitFor("the message", () => one.got.length === 1);
  });

  it("pushes figures at /live at once", async (t) => {
    const { base } = await start(t);
    await open(`${base}/echo`);
    const { got } = await open(`${base}/live`);
    await waitFor("figures", () => got.length > 0);
    assert.equal(JSON.parse(got[0] ?? "").connections, 1);
  });

  it("says how it is at /health, from the moment at which it drains otherwise", async (t) => {
    const { base, startDraining } = await start(t);
    await open(`${base}/echo`);
    const fine = await fetch(`http://${base}/health`);
    assert.equal(fine.status, 200);
    const said = (await fine.json()) as Record<string, unknown>;
    assert.equal(said["status"], "ok");
    assert.equal(said["connections"], 1);
    assert.equal(said["version"], "1.2.3");
    assert.ok(Number(said["maxConnections"]) > 0);
    startDraining();
    const draining = await fetch(`http://${base}/health`);
    assert.equal(draining.status, 503);
    assert.equal(((await draining.json()) as Record<string, unknown>)["status"], "draining");
  });

  it("has a chat, which is none of the groups, and says where it keeps its messages", async (t) => {
    const { base } = await start(t);
    const chat = await open(`${base}/chat`);
    await waitFor("the history", () => chat.got.length === 1);
    assert.deepEqual(JSON.parse(chat.got[0] ?? ""), { type: "history", keptIn: "memory", messages: [] });
    const groups = ["chat", encodeURIComponent("\ufffdchat")].map((name) => open(`${base}/group/${name}`));
    for (const group of await Promise.all(groups)) group.socket.send('{"type":"message"}');
    chat.socket.send('{"name":"Ada","text":"hello"}');
    await waitFor("the message", () => chat.got.length === 2);
    assert.match(chat.got[1] ?? "", /"name":"Ada","text":"hello"/);
  });

  it("answers queries where it is told to", async (t) => {
    const { base } = await start(t);
    assert.equal((await fetch(`http://${base}/query`)).status, 404);
    const demo = createDemo({
      server: { host: "127.0.0.1", port: 0 },
      page: false,
      version: "1",
      query: true,
    });
    await demo.server.listen();
    t.after(() => demo.server.close({ drainMs: 0 }));
    const { socket, got } = await open(`127.0.0.1:${demo.server.port}/query`);
    socket.send("3");
    await waitFor("the user", () => got.length === 1);
    assert.deepEqual(got, ['{"id":3,"name":"user 3"}']);
    assert.equal((await fetch(`http://127.0.0.1:${demo.server.port}/chat`)).status, 404);
  });

  it("says at /health how its database is", async (t) => {
    const { base, server } = await start(t);
    const read = async (): Promise<{ code: number; said: Record<string, unknown> }> => {
      const response = await fetch(`http://${base}/health`);
      return { code: response.status, said: (await response.json()) as Record<string, unknown> };
    };
    const [database] = server.resources;
    assert.ok(database !== undefined);
    assert.deepEqual((await read()).said["resources"], [{ name: "database", status: "up" }]);
    database.health = () => ({ status: "down", reason: "gone" });
    const degraded = await read();
    assert.deepEqual([degraded.code, degraded.said["status"]], [200, "degraded"]);
    assert.deepEqual(degraded.said["resources"], [{ name: "database", status: "down", reason: "gone" }]);
    Object.defineProperty(database, "required", { value: true });
    const unavailable = await read();
    assert.deepEqual([unavailable.code, unavailable.said["status"]], [503, "unavailable"]);
  });

  it("needs no database without page and queries", async (t) => {
    const { server } = await start(t, false);
    assert.deepEqual(server.resources, []);
  });

  it("serves the page and the counters", async (t) => {
    const { base } = await start(t);
    assert.match(await (await fetch(`http://${base}/`)).text(), /<title>Sluice<\/title>/);
    assert.equal(
      ((await (await fetch(`http://${base}/stats`)).json()) as Record<string, unknown>)["messagesIn"],
      0,
    );
    assert.equal((await fetch(`http://${base}/echo`)).status, 426);
    assert.equal((await fetch(`http://${base}/group/x`)).status, 426);
    assert.equal((await fetch(`http://${base}/nothing`)).status, 404);
    assert.equal((await fetch(`http://${base}/`, { method: "POST", body: "x" })).status, 405);
  });

  it("serves neither page nor figures where it is told not to", async (t) => {
    const { base } = await start(t, false);
    for (const path of ["/", "/stats", "/live", "/page/page.js"]) {
      assert.equal((await fetch(`http://${base}${path}`)).status, 404, path);
    }
    assert.equal((await fetch(`http://${base}/health`)).status, 200);
    const socket = new WebSocket(`ws://${base}/live`);
    const [error] = (await once(socket, "error")) as [Error];
    assert.match(error.message, /404/);
  });
});
