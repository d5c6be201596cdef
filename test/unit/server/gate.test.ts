import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ServerGate } from "../../../src/server/gate.ts";
import type { HandshakeRequest, ServerOptions } from "../../../src/server/options.ts";
import { refuse } from "../../../src/server/refuse.ts";
import { resolveOptions } from "../../../src/server/resolve-options.ts";
import { Router } from "../../../src/server/router.ts";
import type { Decision } from "../../../src/transport/index.ts";
import { upgradeRequest } from "../../support/fake-connection.ts";
import { FakeStream } from "../../support/fake-stream.ts";
import type { HeaderChange } from "../../support/handshake.ts";

const handler = (): void => {};

interface Asked {
  readonly target?: string;
  readonly headers?: Record<string, HeaderChange>;
  readonly hosts?: readonly string[];
}

function ask(options: ServerOptions, asked: Asked = {}): ReturnType<ServerGate["decide"]> {
  const { routes, fallback } = resolveOptions(options);
  const gate = new ServerGate(new Router(routes, fallback), () => asked.hosts);
  const stream = new FakeStream("192.0.2.9");
  return gate.decide(upgradeRequest(asked.target, asked.headers), stream);
}

/** What was decided, in a few words. */
async function verdict(options: ServerOptions, asked: Asked = {}): Promise<string> {
  const decision: Decision = await ask(options, asked);
  if (decision.kind === "refuse") return `${decision.refusal.status} ${decision.cause}`;
  return `accept ${JSON.stringify([decision.subprotocol, decision.data ?? null, decision.params])}`;
}

describe("ServerGate", () => {
  it("lets in where a route matches, with its params", async () => {
    const routes = { "/echo": handler, "/group/:name": handler };
    assert.equal(await verdict({ routes }, { target: "/echo?x" }), 'accept ["",null,{}]');
    assert.equal(await verdict({ routes }, { target: "/group/a%20b" }), 'accept ["",null,{"name":"a b"}]');
    assert.equal(await verdict({ routes }, { target: "/else" }), "404 notFound");
    assert.equal(await verdict({ routes, handler }, { target: "/else" }), 'accept ["",null,{}]');
  });

  it("decides at once where nothing has to be asked", () => {
    assert.equal(Reflect.has(ask({ handler }), "then"), false);
    assert.equal(Reflect.has(ask({ handler, authenticate: () => 1 }), "then"), false);
    assert.equal(Reflect.has(ask({ handler, authenticate: async () => 1 }), "then"), true);
  });

  it("looks at the route, then the host, the origin, and who it is", async () => {
    const asked: string[] = [];
    const options = {
      routes: { "/a": handler },
      authenticate: (): unknown => {
        asked.push("authenticate");
        return refuse(401);
      },
    };
    const foreign = { Origin: "http://evil.example", Host: "evil.example" };
    const hosts = ["localhost"];
    assert.equal(await verdict(options, { target: "/b", headers: foreign, hosts }), "404 notFound");
    assert.equal(await verdict(options, { target: "/a", headers: foreign, hosts }), "421 host");
    const headers = { Origin: "http://evil.example", Host: "localhost:8765" };
    assert.equal(await verdict(options, { target: "/a", headers, hosts }), "403 origin");
    assert.deepEqual(asked, []);
    assert.equal(await verdict(options, { target: "/a", hosts }), "401 authentication");
    assert.deepEqual(asked, ["authenticate"]);
  });

  it("has each route decide on its own origins", async () => {
    const headers = { Origin: "https://page.example" };
    const options: ServerOptions = {
      routes: {
        "/any": { handler, origins: "any" },
        "/list": { handler, origins: ["https://page.example"] },
        "/same": handler,
      },
    };
    assert.match(await verdict(options, { target: "/any", headers }), /^accept/);
    assert.match(await verdict(options, { target: "/list", headers }), /^accept/);
    assert.equal(await verdict(options, { target: "/same", headers }), "403 origin");
  });

  it("gives a connection the data that it was let in with, awaited", async () => {
    for (const authenticate of [(): unknown => ({ user: 1 }), async (): Promise<unknown> => ({ user: 1 })]) {
      assert.equal(await verdict({ handler, authenticate }), 'accept ["",{"user":1},{}]');
    }
    for (const data of [null, 0, "", false, undefined]) {
      assert.match(await verdict({ handler, authenticate: () => data }), /^accept/, "any data lets in");
    }
  });

  it("refuses as it is told, with what is to be said", async () => {
    for (const authenticate of [
      (): unknown => refuse(402, "Pay", { "X-Price": "1" }),
      async (): Promise<unknown> => refuse(402, "Pay", { "X-Price": "1" }),
      (): unknown => {
        throw refuse(402, "Pay", { "X-Price": "1" });
      },
      async (): Promise<unknown> => {
        throw refuse(402, "Pay", { "X-Price": "1" });
      },
    ]) {
      const decision = await ask({ handler, authenticate });
      assert.ok(decision.kind === "refuse");
      assert.deepEqual({ ...decision.refusal }, { status: 402, message: "Pay", headers: { "X-Price": "1" } });
      assert.equal(decision.cause, "authentication");
    }
  });

  it("lets what authenticate throws through, for the front door", async () => {
    const failure = new Error("broken");
    assert.throws(
      () =>
        ask({
          handler,
          authenticate: () => {
            throw failure;
          },
        }),
      failure,
    );
    await assert.rejects(
      Promise.resolve(ask({ handler, authenticate: () => Promise.reject(failure) })),
      failure,
    );
  });

  it("shows authenticate the request", async () => {
    const seen: HandshakeRequest[] = [];
    const headers = {
      Origin: "http://localhost:8765",
      Cookie: "a=1",
      "Sec-WebSocket-Protocol": "one, two",
    };
    await ask(
      { routes: { "/room/:name": { handler, authenticate: (request) => void seen.push(request) } } },
      { target: "/room/x%20y?token=1", headers },
    );
    const [request] = seen as [HandshakeRequest];
    assert.equal(request.url, "/room/x%20y?token=1");
    assert.equal(request.path, "/room/x%20y");
    assert.equal(request.query, "token=1");
    assert.deepEqual({ ...request.params }, { name: "x y" });
    assert.deepEqual(request.subprotocols, ["one", "two"]);
    assert.equal(request.origin, "http://localhost:8765");
    assert.equal(request.host, "localhost:8765");
    assert.equal(request.header("COOKIE"), "a=1");
    assert.ok(request.rawHeaders.includes("Cookie"));
    assert.equal(request.remoteAddress, "192.0.2.9");
    assert.equal(request.encrypted, false);
  });

  it("chooses the subprotocol that the server likes best among those offered", async () => {
    const headers = { "Sec-WebSocket-Protocol": "a, b, c" };
    for (const [subprotocols, chosen] of [
      [[], ""],
      [["b", "a"], "b"],
      [["x", "c"], "c"],
      [["x"], ""],
    ] as const) {
      assert.equal(await verdict({ handler, subprotocols }, { headers }), `accept ["${chosen}",null,{}]`);
    }
    assert.equal(await verdict({ handler, subprotocols: ["a"] }), 'accept ["",null,{}]', "none was offered");
  });

  it("lets a function choose, among those offered only", async () => {
    const headers = { "Sec-WebSocket-Protocol": "a, b" };
    const given: unknown[] = [];
    const choose = (chosen: string | undefined): ServerOptions => ({
      handler,
      subprotocols: (offered, request) => {
        given.push(offered, request.path);
        return chosen;
      },
    });
    assert.equal(await verdict(choose("b"), { headers, target: "/x" }), 'accept ["b",null,{}]');
    assert.deepEqual(given, [["a", "b"], "/x"]);
    assert.equal(await verdict(choose(undefined), { headers }), 'accept ["",null,{}]');
    assert.equal(
      await verdict(choose("c"), { headers }),
      'accept ["",null,{}]',
      "never one that wasn't offered",
    );
  });
});
