import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect, createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { describe, it, type TestContext } from "node:test";
import { within } from "../../../src/internal/within.ts";
import { PlainHttp, type PlainHttpOptions } from "../../../src/server/plain-http.ts";
import { resolveOptions } from "../../../src/server/resolve-options.ts";
import { DuplexStream } from "../../../src/transport/index.ts";
import { portOf } from "../../support/port-of.ts";
import { inTime, waitFor } from "../../support/wait-for.ts";

// A kept connection that nobody closed would go by itself after five seconds.
const SOONER_MS = 4_000;

interface Setup {
  readonly http: PlainHttp;
  readonly errors: unknown[];
  /** How many connections are gone. */
  gone(): number;
  /** Sends the beginning of a request, which is read by somebody else, and then the rest. @returns what comes back */
  ask(beginning: string, rest?: string): Promise<Client>;
}

interface Client {
  readonly socket: Socket;
  text(): string;
}

async function setup(t: TestContext, options: Partial<PlainHttpOptions> = {}): Promise<Setup> {
  const errors: unknown[] = [];
  let gone = 0;
  const http = new PlainHttp({
    limits: resolveOptions({}).limits,
    onRequest: (request, response) => response.end(`${request.method} ${request.url}`),
    onUpgrade: (_request, socket) => socket.destroy(),
    onError: (error) => void errors.push(error),
    ...options,
  });
  const server = createServer();
  const port = await portOf(server);
  t.after(() => {
    void http.close();
    http.cut();
    server.close();
  });
  const ask = async (beginning: string, rest = ""): Promise<Client> => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    let text = "";
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      text += chunk;
    });
    const [accepted] = (await once(server, "connection")) as [Socket];
    http.serve(new DuplexStream(accepted), Buffer.from(beginning), () => void gone++);
    socket.write(rest);
    return { socket, text: () => text };
  };
  return { http, errors, gone: () => gone, ask };
}

const request = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

describe("PlainHttp", () => {
  it("answers a request of which some was read already", async (t) => {
    const { ask } = await setup(t);
    const client = await ask("GET /pa", "ge HTTP/1.1\r\nHost: x\r\n\r\n");
    await waitFor("the answer", () => client.text().endsWith("GET /page"));
    assert.match(client.text(), /^HTTP\/1\.1 200 /);
  });

  it("answers further ones on the same connection", async (t) => {
    const { ask, gone } = await setup(t);
    const client = await ask(request("/one"));
    await waitFor("the first answer", () => client.text().endsWith("/one"));
    client.socket.write(request("/two"));
    await waitFor("the second answer", () => client.text().endsWith("/two"));
    assert.equal(gone(), 0);
    client.socket.destroy();
    await waitFor("the end", () => gone() === 1);
  });

  it("says 500 for an answer that fails, reports it, and goes on", async (t) => {
    for (const onRequest of [
      (): never => assert.fail("broken"),
      (): Promise<never> => Promise.reject(new Error()),
    ]) {
      const { ask, errors, gone } = await setup(t, { onRequest });
      const client = await ask(request("/"));
      await waitFor("the answer", () => client.text().includes("\r\n\r\n"));
      assert.match(client.text(), /^HTTP\/1\.1 500 /);
      await waitFor("the end", () => gone() === 1);
      assert.equal(errors.length, 1);
    }
  });

  it("cuts an answer that fails when it has begun", async (t) => {
    const { ask, gone, errors } = await setup(t, {
      onRequest: (_request, response) => {
        response.write("half");
        throw new Error("broken");
      },
    });
    await ask(request("/"));
    await waitFor("the end", () => gone() === 1);
    assert.equal(errors.length, 1);
  });

  it("hands on requests to upgrade, which then count as connections of their own", async (t) => {
    const upgrades: [IncomingMessage, Duplex, Buffer][] = [];
    const { ask, gone } = await setup(t, { onUpgrade: (...upgrade) => void upgrades.push(upgrade) });
    const client = await ask(request("/page"));
    await waitFor("the answer", () => client.text().endsWith("/page"));
    client.socket.write(
      "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nglued",
    );
    await waitFor("the upgrade", () => upgrades.length === 1);
    const [[upgrade, socket, head]] = upgrades as [[IncomingMessage, Duplex, Buffer]];
    assert.equal(upgrade.url, "/ws");
    assert.equal(head.toString(), "glued");
    assert.equal(gone(), 1);
    socket.destroy();
    await once(client.socket, "close");
    assert.equal(gone(), 1, "once only");
  });

  it("refuses what isn't HTTP, and ends", async (t) => {
    const { ask, gone } = await setup(t);
    const client = await ask("\x16\x03\x01\r\n\r\n");
    await waitFor("the answer and the end", () => gone() === 1 && client.text() !== "");
    assert.match(client.text(), /^HTTP\/1\.1 400 /);
  });

  it("closes what is idle, lets what is being answered end, and cuts the rest", async (t) => {
    const answers: (() => void)[] = [];
    const { http, ask, gone } = await setup(t, {
      onRequest: (request, response) => {
        if (request.url === "/slow") answers.push(() => response.end("slow"));
        else response.end(request.url);
      },
    });
    const idle = await ask(request("/idle"));
    await waitFor("the answer", () => idle.text().endsWith("/idle"));
    const slow = await ask(request("/slow"));
    const endless = await ask(request("/slow"));
    await waitFor("both requests", () => answers.length === 2);
    const closed = http.close();
    await waitFor("the idle one's end", () => gone() === 1);
    answers[0]?.();
    await waitFor("the slow one's end", () => gone() === 2, SOONER_MS);
    await waitFor("the slow answer", () => slow.text().endsWith("slow"));
    assert.match(slow.text(), /\r\nConnection: close\r\n/);
    assert.equal(await within(0, closed), false, "one is left");
    http.cut();
    await waitFor("the endless one's end", () => gone() === 3);
    assert.equal(endless.text(), "");
    await inTime("the end of all", closed);
  });

  it("has nothing to wait for if nobody is there, or all have become something else", async (t) => {
    const { http } = await setup(t);
    await inTime("the end of none", http.close());
    const upgrading = await setup(t, { onUpgrade: () => {} });
    const client = await upgrading.ask(
      "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    );
    await waitFor("the upgrade", () => upgrading.gone() === 1);
    await inTime("the end of the others", upgrading.http.close());
    client.socket.destroy();
  });

  it("answers what still comes while it closes, and says that it is the last answer", async (t) => {
    const answers: (() => void)[] = [];
    const { http, ask } = await setup(t, {
      onRequest: (_, response) => void answers.push(() => response.end("slow")),
    });
    const client = await ask(request("/"), "GET /next HTTP/1.1\r\nHost:");
    await waitFor("the first request", () => answers.length === 1);
    const late = await ask("GET /late HTTP/1.1\r\nHost:");
    const closed = http.close();
    late.socket.write(" x\r\n\r\n");
    await waitFor("the late request", () => answers.length === 2);
    for (const answer of answers) answer();
    await inTime("the end of both", closed, SOONER_MS);
    for (const { text } of [client, late]) {
      await waitFor("the answer", () => text().endsWith("slow"));
      assert.match(text(), /\r\nConnection: close\r\n/);
    }
  });

  it("loses none of the answers to requests that didn't wait for each other", async (t) => {
    const answers: (() => void)[] = [];
    const { http, ask } = await setup(t, {
      onRequest: (request, response) => void answers.push(() => response.end(request.url)),
    });
    const client = await ask(request("/one") + request("/two"), "GET /three HTTP/1.1\r\nHost:");
    await waitFor("two requests", () => answers.length === 2);
    const closed = http.close();
    client.socket.write(" x\r\n\r\n");
    await waitFor("the third", () => answers.length === 3);
    for (const answer of answers) answer();
    await inTime("the end", closed, SOONER_MS);
    await waitFor("the answers", () => client.text().endsWith("/three"));
    const told = client.text().match(/\/(one|two|three)|Connection: close/g);
    assert.deepEqual(told, ["/one", "/two", "Connection: close", "/three"]);
  });

  it("keeps no connection of which it was said before that it would be kept", async (t) => {
    const answers: (() => void)[] = [];
    const { http, ask } = await setup(t, {
      onRequest: (request, response) => {
        const own = request.url === "/own";
        if (own) answers.push(() => response.writeHead(200, { Connection: "keep-alive" }).end("end"));
        else {
          response.write("begun, ");
          answers.push(() => response.end("end"));
        }
      },
    });
    const clients = [await ask(request("/begun")), await ask(request("/own"))];
    await waitFor("the beginning", () => clients[0]?.text().includes("begun, ") === true);
    await waitFor("both requests", () => answers.length === 2);
    const closed = http.close();
    for (const answer of answers) answer();
    await inTime("the end of both", closed, SOONER_MS);
    for (const { text } of clients) {
      await waitFor("the answer", () => text().includes("end"));
      assert.match(text(), /\r\nConnection: keep-alive\r\n/);
    }
  });
});
