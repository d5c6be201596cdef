import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { totalmem } from "node:os";
import { describe, it, type TestContext } from "node:test";
import type { ServerOptions } from "../../../src/server/options.ts";
import { type ResolvedOptions, resolveOptions } from "../../../src/server/resolve-options.ts";
import { compressionDefaults, connectionDefaults } from "../../../src/transport/index.ts";

const handler = (): void => {};

function resolve(options: unknown = {}): ResolvedOptions {
  return resolveOptions(options as ServerOptions);
}

function withTransport(t: TestContext, value: string | undefined): void {
  const before = process.env["SLUICE_TRANSPORT"];
  const set = (to: string | undefined): void => {
    if (to === undefined) delete process.env["SLUICE_TRANSPORT"];
    else process.env["SLUICE_TRANSPORT"] = to;
  };
  set(value);
  t.after(() => set(before));
}

describe("resolveOptions", () => {
  it("fills in the defaults", (t) => {
    withTransport(t, undefined);
    const { limits, routes, fallback, ...rest } = resolve();
    assert.deepEqual(routes, []);
    assert.equal(fallback, undefined);
    assert.deepEqual(
      { ...rest },
      {
        resources: [],
        http: undefined,
        tls: undefined,
        server: undefined,
        host: "localhost",
        port: 8765,
        hosts: undefined,
        maxFlushDelayMs: 5,
        retryAfterSeconds: 5,
        transport: "auto",
        onError: undefined,
      },
    );
    const { maxConnections, maxBufferedBytes, ...otherLimits } = limits;
    assert.ok(maxConnections > 0);
    assert.ok(maxBufferedBytes > 0 && maxBufferedBytes <= Math.min(2 ** 30, totalmem() / 4));
    assert.deepEqual(otherLimits, {
      maxConnectionsPerAddress: 1_024,
      exemptAddresses: [],
      handshakeTimeoutMs: 10_000,
      maxHeaderBytes: 16_384,
      maxHeaderCount: 100,
    });
  });

  it("keeps what is given", () => {
    const onError = (): void => {};
    const options = { host: "0.0.0.0", port: 0, hosts: ["example.com"], maxFlushDelayMs: 0, onError };
    const resolved = resolve({ ...options, limits: { maxConnections: 7, maxConnectionsPerAddress: null } });
    assert.deepEqual(
      Object.fromEntries(Object.keys(options).map((name) => [name, Reflect.get(resolved, name)])),
      options,
    );
    assert.equal(resolved.limits.maxConnections, 7);
    assert.equal(resolved.limits.maxConnectionsPerAddress, null);
    assert.equal(resolved.limits.maxHeaderCount, 100);
  });

  it("makes routes of handlers, callbacks and options", () => {
    const callbacks = { message: handler };
    const resolved = resolve({
      handler,
      routes: { "/a": handler, "/b": callbacks, "/c": { handler: callbacks, origins: "any" } },
    });
    assert.deepEqual(
      resolved.routes.map(({ pattern, profile, origins }) => [pattern, profile.handler, origins]),
      [
        ["/a", handler, "same-origin"],
        ["/b", callbacks, "same-origin"],
        ["/c", callbacks, "any"],
      ],
    );
    assert.equal(resolved.fallback?.profile.handler, handler);
    assert.deepEqual(resolved.fallback.profile.options, connectionDefaults);
  });

  it("takes callbacks that are an object of a class", () => {
    class Chat {
      members = 0;
      message(): void {
        this.members++;
      }
    }
    const chat = new Chat();
    assert.equal(resolve({ handler: chat }).fallback?.profile.handler, chat);
    assert.equal(resolve({ routes: { "/a": chat } }).routes[0]?.profile.handler, chat);
  });

  it("takes origins and names of hosts as browsers send them", () => {
    const origins = ["https://a.b", "http://a.b:8080", "chrome-extension://abcdef", "capacitor://localhost"];
    assert.deepEqual(resolve({ handler, origins }).fallback?.origins, origins);
    assert.deepEqual(resolve({ hosts: ["Chat.Example.com", "münchen.de", "[::1]"] }).hosts, [
      "chat.example.com",
      "xn--mnchen-3ya.de",
      "[::1]",
    ]);
    assert.equal(resolve({ hosts: "any" }).hosts, "any");
  });

  it("has the other marks follow one that is set alone", () => {
    const of = (options: unknown): unknown =>
      resolve({ handler, sendBuffer: options }).fallback?.profile.options.sendBuffer;
    const { sendBuffer, receive } = connectionDefaults;
    assert.deepEqual(of({ highWaterBytes: 100 }), { ...sendBuffer, highWaterBytes: 100, lowWaterBytes: 25 });
    assert.deepEqual(of({ highWaterBytes: 2 ** 23 }), {
      ...sendBuffer,
      highWaterBytes: 2 ** 23,
      maxBufferedBytes: 2 ** 23,
    });
    assert.deepEqual(of({ maxBufferedBytes: 1_000 }), {
      ...sendBuffer,
      highWaterBytes: 1_000,
      lowWaterBytes: 250,
      maxBufferedBytes: 1_000,
    });
    const { options } = resolve({ handler, receive: { highWaterMessages: 1 } }).fallback?.profile ?? {};
    assert.deepEqual(options?.receive, { ...receive, highWaterMessages: 1, lowWaterMessages: 0 });
  });

  it("has a route's own settings go before the server's, and those before the defaults", () => {
    const authenticate = (): undefined => undefined;
    const { routes } = resolve({
      maxMessageBytes: 1_000,
      maxFragments: 3,
      subprotocols: ["server"],
      authenticate,
      sendBuffer: { slowConsumer: "close", highWaterBytes: 300_000 },
      receive: { highWaterMessages: 100 },
      keepalive: { pingIntervalMs: null },
      routes: {
        "/own": {
          handler,
          maxMessageBytes: 2_000,
          subprotocols: ["own"],
          sendBuffer: { slowConsumer: "latest" },
          receive: { lowWaterMessages: 1 },
          keepalive: { pongTimeoutMs: 5 },
        },
        "/server": handler,
      },
    });
    const [own, server] = routes.map(({ profile }) => profile.options);
    assert.deepEqual([own?.maxMessageBytes, own?.maxFragments], [2_000, 3]);
    assert.deepEqual([server?.maxMessageBytes, server?.maxFragments], [1_000, 3]);
    assert.deepEqual(own?.sendBuffer, {
      ...connectionDefaults.sendBuffer,
      slowConsumer: "latest",
      highWaterBytes: 300_000,
      lowWaterBytes: 75_000,
    });
    assert.deepEqual(own?.receive, {
      ...connectionDefaults.receive,
      highWaterMessages: 100,
      lowWaterMessages: 1,
    });
    assert.deepEqual(own?.keepalive, {
      ...connectionDefaults.keepalive,
      pingIntervalMs: null,
      pongTimeoutMs: 5,
    });
    assert.equal(server?.sendBuffer.slowConsumer, "close");
    assert.deepEqual(
      routes.map((route) => [route.subprotocols, route.authenticate]),
      [
        [["own"], authenticate],
        [["server"], authenticate],
      ],
    );
  });

  it("takes undefined for what isn't given", () => {
    const absent = undefined;
    const resolved = resolve({
      handler,
      host: absent,
      limits: { maxConnections: absent, maxConnectionsPerAddress: absent },
      sendBuffer: { highWaterBytes: absent },
      receive: { highWaterBytes: absent },
      keepalive: { pingIntervalMs: absent },
      compression: { level: absent },
      maxMessageBytes: 1_000,
      routes: { "/a": { handler, maxMessageBytes: absent, sendBuffer: absent, compression: absent } },
    });
    assert.equal(resolved.host, "localhost");
    assert.ok(resolved.limits.maxConnections > 0);
    assert.equal(resolved.limits.maxConnectionsPerAddress, 1_024);
    const { options } = resolved.fallback?.profile ?? {};
    assert.deepEqual(options?.sendBuffer, connectionDefaults.sendBuffer);
    assert.deepEqual(options?.receive, connectionDefaults.receive);
    assert.deepEqual(options?.keepalive, connectionDefaults.keepalive);
    assert.deepEqual(options?.compression, compressionDefaults);
    const route = resolved.routes[0]?.profile.options;
    assert.equal(route?.maxMessageBytes, 1_000);
    assert.deepEqual(route.compression, compressionDefaults);
  });

  it("turns compression on and off", () => {
    const of = (compression: unknown): unknown =>
      resolve({ handler, compression }).fallback?.profile.options.compression;
    assert.equal(of(undefined), null);
    assert.equal(of(false), null);
    assert.deepEqual(of(true), compressionDefaults);
    assert.deepEqual(of({ level: 9 }), { ...compressionDefaults, level: 9 });
    const { routes } = resolve({ compression: true, routes: { "/plain": { handler, compression: false } } });
    assert.equal(routes[0]?.profile.options.compression, null);
  });

  it("freezes what connections are given", () => {
    const options = resolve({ handler, compression: true }).fallback?.profile.options;
    for (const part of [
      options,
      options?.sendBuffer,
      options?.receive,
      options?.keepalive,
      options?.compression,
    ]) {
      assert.ok(Object.isFrozen(part));
    }
  });

  it("lets the environment choose the transport", (t) => {
    withTransport(t, "portable");
    assert.equal(resolve({ transport: "auto" }).transport, "portable");
    withTransport(t, "");
    assert.equal(resolve({ transport: "portable" }).transport, "portable");
    withTransport(t, "quick");
    assert.throws(() => resolve(), { code: "SLUICE_INVALID_OPTION", message: /SLUICE_TRANSPORT.*"quick"/ });
  });

  it("names the option that is wrong, and what is wrong with it", () => {
    for (const [options, message] of [
      [{ prot: 80 }, /option prot: there is no such option/],
      [{ port: 65_536 }, /option port: must be a whole number from 0 to 65535/],
      [{ port: "80" }, /option port: must be a whole number/],
      [{ host: "" }, /option host: must be a name or an address/],
      [{ tls: {} }, /option tls: it needs key and cert/],
      [{ handler: 1 }, /option handler: must be a function or an object of callbacks/],
      [{ limits: { maxConnections: 0 } }, /option limits\.maxConnections: /],
      [{ limits: { maxConections: 5 } }, /option limits\.maxConections: there is no such option/],
      [{ limits: { maxHeaderBytes: 10 } }, /option limits\.maxHeaderBytes: /],
      [{ limits: { exemptAddresses: ["10.0.0.0/33"] } }, /option limits\.exemptAddresses\.0: /],
      [{ limits: { exemptAddresses: ["localhost"] } }, /option limits\.exemptAddresses\.0: /],
      [{ sendBuffer: { slowConsumer: "drop" } }, /option sendBuffer\.slowConsumer: /],
      [{ sendBuffer: { highWaterBytes: 1.5 } }, /option sendBuffer\.highWaterBytes: /],
      [{ keepalive: { pingIntervalMs: 0 } }, /option keepalive\.pingIntervalMs: /],
      [{ compression: { level: 10 } }, /option compression\.level: /],
      [{ compression: { serverMaxWindowBits: 8 } }, /option compression/],
      [{ compression: "yes" }, /option compression: must be true, false or an object/],
      [{ subprotocols: ["a b"] }, /option subprotocols/],
      [{ origins: ["https://example.com/"] }, /option origins/],
      [{ origins: ["example.com"] }, /option origins/],
      [{ origins: ["https://*.example.com"] }, /option origins\.0: must be an origin/],
      [{ origins: "all" }, /option origins: must be "same-origin", "any" or a list/],
      [{ authenticate: true }, /option authenticate: must be a function/],
      [{ http: {} }, /option http: must be a function/],
      [{ server: 1 }, /option server: must be an http\.Server/],
      [{ server: {} }, /option server: must be an http\.Server or an https\.Server/],
      [{ server: new EventEmitter() }, /option server: must be an http\.Server/],
      [{ maxFlushDelayMs: -1 }, /option maxFlushDelayMs: /],
      [{ maxMessageBytes: Number.NaN }, /option maxMessageBytes: /],
      [{ maxMessageBytes: Number.POSITIVE_INFINITY }, /option maxMessageBytes: /],
      [{ concurrency: 0 }, /option concurrency: /],
      [{ transport: "fast" }, /option transport: /],
      [{ routes: { echo: handler } }, /option routes\.echo: .*slash/],
      [{ routes: { "/a?b": handler } }, /option routes\.\/a\?b: /],
      [{ routes: { "/é": handler } }, /option routes\.\/é: write it as clients send it: \/%C3%A9/],
      [{ hosts: ["https://a.b"] }, /option hosts\.0: must be a name/],
      [{ hosts: ["a:80"] }, /option hosts\.0: must be a name/],
      [{ hosts: ["::1"] }, /option hosts\.0: must be a name/],
      [{ hosts: "a.b" }, /option hosts: must be "any" or a list/],
      [{ limits: { exemptAddresses: "::1" } }, /option limits\.exemptAddresses: must be a list/],
      [{ subprotocols: "a" }, /option subprotocols: must be a list of names/],
      [{ handler: { message: "x" } }, /option handler\.message: must be a function/],
      [{ handler: { mesage: handler } }, /option handler\.mesage: there is no such callback/],
      [{ routes: { "/a": { hander: handler } } }, /option routes\.\/a\.hander: there is no such callback/],
      [{ routes: { "/a": { handler: undefined } } }, /option routes\.\/a\.handler: must be a function/],
      [
        { routes: { "/a": { authenticate: handler, message: handler } } },
        /option routes\.\/a: beside authenticate it needs a handler/,
      ],
      [{ routes: { "/a": 1 } }, /option routes\.\/a: must be a function or an object of callbacks/],
      [{ routes: { "/a": { handler: 1 } } }, /option routes\.\/a\.handler: /],
      [{ routes: { "/a": { handler, port: 1 } } }, /option routes\.\/a\.port: there is no such option/],
      [
        { routes: { "/a": { handler, receive: { lowWaterBytes: -1 } } } },
        /option routes\.\/a\.receive\.lowWaterBytes: /,
      ],
      [
        { handler, sendBuffer: { highWaterBytes: 100, lowWaterBytes: 100 } },
        /option sendBuffer\.lowWaterBytes: must be below highWaterBytes/,
      ],
      [
        { handler, sendBuffer: { highWaterBytes: 600_000, maxBufferedBytes: 500_000 } },
        /option sendBuffer\.maxBufferedBytes: must not be below/,
      ],
      [
        { handler, receive: { highWaterMessages: 4, lowWaterMessages: 4 } },
        /option receive\.lowWaterMessages: must be below/,
      ],
      [
        { routes: { "/a": { handler, receive: { lowWaterBytes: 10_000_000 } } } },
        /option routes\.\/a\.receive\.lowWaterBytes: must be below/,
      ],
      [null, /option options: /],
      ["localhost", /option options: /],
    ] as const) {
      assert.throws(
        () => resolve(options),
        { code: "SLUICE_INVALID_OPTION", message },
        JSON.stringify(options),
      );
    }
  });
});
