import assert from "node:assert/strict";
import { test } from "node:test";
import type { HandshakeRequest } from "../../src/index.ts";
import { Admission } from "../../src/transport/admission.ts";
import type { HeaderChange } from "../support/handshake.ts";
import { handshakeBytes, RawPeer } from "../support/raw-peer.ts";
import { startSharedServers } from "../support/shared-http-server.ts";
import { Target } from "../support/test-server.ts";
import { waitFor } from "../support/wait-for.ts";

type Headers = Record<string, HeaderChange>;

async function shakeHands(target: Target, headers: Headers, path = "/"): Promise<number> {
  const peer = await target.ask(handshakeBytes({ headers, path }));
  const { status } = await peer.response();
  if (status !== 101) await peer.ended();
  peer.destroy();
  return status;
}

const HOST = "good.example:8765";

/** Origins that a page which isn't ours could have, or make up, against the host `good.example:8765`. */
const FOREIGN = [
  "null",
  "",
  "https://evil.example",
  "https://good.example",
  "http://good.example",
  "http://good.example:80",
  "http://good.example:87650",
  "http://good.example:876",
  "http://good.example.:8765",
  "http://good.example:8765.evil.example",
  "http://good.example.evil.example:8765",
  "http://evilgood.example:8765",
  "http://sub.good.example:8765",
  "http://example:8765",
  "http://good.example:8765/",
  "http://good.example:8765/path",
  "http://good.example:8765?",
  "http://good.example:8765#",
  "http://user@good.example:8765",
  "http://good.example:8765@evil.example",
  "http://good.example:8765, http://evil.example",
  "http://GOOD.example:8765",
  "HTTP://good.example:8765",
  "http:/good.example:8765",
  "http:good.example:8765",
  "//good.example:8765",
  "good.example:8765",
  "ws://good.example:8765",
  "file://good.example:8765",
  "http://127.0.0.1:8765",
  "http://127.0.0.1",
  "http://localhost:8765",
  "http://[::1]:8765",
  "http://0.0.0.0:8765",
  "http://2130706433:8765",
  "chrome-extension://abcdefghijklmnop",
];

test("foreign origins are refused, on every path (bad inputs 1.17)", async (t) => {
  const target = await Target.start(t, { hosts: ["good.example"], routes: { "/group/:name": () => {} } });
  for (const path of ["/", "/group/a"]) {
    for (const origin of FOREIGN) {
      assert.equal(await shakeHands(target, { Host: HOST, Origin: origin }, path), 403, origin);
    }
    for (const origin of [undefined, `http://${HOST}`, `https://${HOST}`]) {
      assert.equal(await shakeHands(target, { Host: HOST, Origin: origin }, path), 101, origin);
    }
  }
  assert.equal(target.server.stats().refused.origin, 2 * FOREIGN.length);
  await target.isUnharmed();
});

test("an allow list is compared as it stands (bad inputs 1.17)", async (t) => {
  const target = await Target.start(t, {
    hosts: "any",
    origins: ["https://good.com", "http://localhost:3000"],
  });
  const foreign = [
    "https://good.com.evil.io",
    "https://good.com:443",
    "http://good.com",
    "https://good.com.",
    "https://GOOD.com",
    "https://x@good.com",
    "http://localhost",
    "http://localhost:3001",
    "http://127.0.0.1:3000",
    // Not even our own: a list is all there is.
    "http://localhost:8765",
    "null",
  ];
  for (const origin of foreign) assert.equal(await shakeHands(target, { Origin: origin }), 403, origin);
  for (const origin of ["https://good.com", "http://localhost:3000"]) {
    assert.equal(await shakeHands(target, { Origin: origin }), 101, origin);
  }
  await target.isUnharmed();
});

test("loopback is no excuse, and no origin is told more than that (bad inputs 1.17)", async (t) => {
  const target = await Target.start(t);
  const peer = await target.ask(handshakeBytes({ headers: { Origin: "https://evil.example" } }));
  const { status, headers, body } = await peer.response();
  assert.equal(status, 403);
  assert.equal(
    [...headers.keys()].some((name) => name.startsWith("access-control")),
    false,
  );
  assert.equal(body.includes("evil"), false);
  peer.destroy();
  assert.equal(await shakeHands(target, { Origin: "http://localhost:3000" }), 403);
  assert.equal(await shakeHands(target, { Origin: "http://localhost:8765" }), 101);
  await target.isUnharmed();
});

test("a name that was made to point here is refused (bad inputs 1.18)", async (t) => {
  const target = await Target.start(t);
  const rebound = [
    "evil.example",
    "evil.example:8765",
    "localhost.evil.example",
    "localhost.",
    "127.0.0.1.evil.io",
  ];
  for (const host of rebound) {
    assert.equal(await shakeHands(target, { Host: host, Origin: `http://${host}` }), 421, host);
  }
  for (const host of ["localhost", "LOCALHOST:1", "127.0.0.1:8765", "[::1]:8765"]) {
    assert.equal(await shakeHands(target, { Host: host, Origin: `http://${host}` }), 101, host);
  }
  assert.equal(target.server.stats().refused.host, rebound.length);
  const named = await Target.start(t, { hosts: ["chat.example"] });
  assert.equal(await shakeHands(named, { Host: "localhost", Origin: "http://localhost" }), 421);
  assert.equal(await shakeHands(named, { Host: "chat.example", Origin: "http://chat.example" }), 101);
  await target.isUnharmed();
  await named.isUnharmed();
});

const FORGED: Headers[] = [
  { "X-Forwarded-For": "198.51.100.1" },
  {
    "X-Forwarded-For": Array.from({ length: 500 }, (_, hop) => `198.51.${hop >> 8}.${hop & 255}`).join(", "),
  },
  { "X-Forwarded-For": 'junk, ::ffff:1.2.3.4, "' },
  { "X-Real-IP": "::1" },
  { Forwarded: 'for="[2001:db8::1]";proto=https;host=evil.example' },
  { "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example" },
];

test("who a client says that it is changes neither its address nor its limit (bad inputs 1.19)", async (t) => {
  const seen: HandshakeRequest[] = [];
  const shared = await startSharedServers(t, {
    handler: async (socket) => {
      for await (const message of socket) socket.send(message);
    },
    authenticate: (request) => void seen.push(request),
    limits: { maxConnectionsPerAddress: 3 },
  });
  shared.remoteAddress = "203.0.113.7";
  const inside = await Promise.all([1, 2, 3].map(() => RawPeer.open(shared.port)));
  for (const headers of FORGED) {
    const peer = await RawPeer.connect(shared.port);
    peer.write(handshakeBytes({ headers }));
    const refusal = await peer.response();
    assert.equal(refusal.status, 429, Object.keys(headers).join());
    assert.ok(Number(refusal.headers.get("retry-after")) > 0);
    await peer.ended();
    peer.destroy();
  }
  assert.equal(shared.server.stats().refused.address, FORGED.length);
  for (const { remoteAddress, encrypted, host } of seen) {
    assert.deepEqual([remoteAddress, encrypted, host], ["203.0.113.7", false, "localhost:8765"]);
  }
  // Others come in, and so does the first one when it has left.
  shared.remoteAddress = "203.0.113.8";
  const other = await RawPeer.open(shared.port);
  shared.remoteAddress = "203.0.113.7";
  inside[0]?.destroy();
  await waitFor("it to be gone", () => shared.server.connections.size === 3);
  const again = await RawPeer.open(shared.port, { headers: FORGED[0] as Headers });
  for (const peer of [...inside, other, again]) peer.destroy();
});

test("a forged proto doesn't make an https page of a foreign origin (bad inputs 1.19)", async (t) => {
  const target = await Target.start(t);
  const headers = { "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https" };
  assert.equal(await shakeHands(target, { ...headers, Origin: "https://evil.example" }), 403);
  await target.isUnharmed();
});

test("addresses are counted by what their owner can't choose freely (bad inputs 1.19)", () => {
  const limits = {
    maxConnections: 100,
    maxConnectionsPerAddress: 2,
    exemptAddresses: ["10.0.0.0/8", "2001:db8:9::1"],
  };
  const same: [string, string, string][] = [
    ["203.0.113.7", "::ffff:203.0.113.7", "203.0.113.7"],
    ["2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2:0:0:0:3"],
    ["2001:db8::1", "2001:db8:0:0:1::", "2001:db8:0:0:ffff::7"],
    ["::2", "::3", "0:0:0:0:1::"],
    ["fe80::1%eth0", "fe80::2%eth0", "fe80::3"],
  ];
  for (const addresses of same) {
    const admission = new Admission(limits);
    const [first, second, third] = addresses;
    assert.deepEqual(
      addresses.map((address) => admission.enter(address)),
      ["admitted", "admitted", "address"],
    );
    // As many times as you like: what was refused was never in.
    assert.equal(admission.enter(third), "address");
    admission.leave(first);
    assert.equal(admission.enter(third), "admitted");
    admission.leave(second);
    admission.leave(third);
    assert.equal(admission.inside, 0);
  }
  const admission = new Admission(limits);
  for (const free of ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "10.1.2.3", "2001:db8:9::1"]) {
    for (let count = 0; count < 5; count++) assert.equal(admission.enter(free), "admitted", free);
  }
  assert.equal(admission.enter("2001:db8:1:2::1"), "admitted");
  assert.equal(admission.enter("2001:db8:1:3::1"), "admitted");
});
