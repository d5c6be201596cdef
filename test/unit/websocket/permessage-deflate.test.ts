import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type ExtensionOffer, parseExtensions } from "../../../src/websocket/extension-header.ts";
import {
  acceptDeflate,
  type DeflateAgreement,
  type DeflateParams,
  deflateOffer,
  negotiateDeflate,
} from "../../../src/websocket/permessage-deflate.ts";

const largest: DeflateParams = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};

function negotiate(header: string, options: Partial<DeflateParams> = {}): DeflateAgreement | undefined {
  const offers: ExtensionOffer[] | undefined = parseExtensions(header);
  assert.ok(offers !== undefined);
  return negotiateDeflate(offers, { ...largest, ...options });
}

describe("negotiateDeflate", () => {
  const agreements: [
    offer: string,
    options: Partial<DeflateParams>,
    answer: string,
    params: Partial<DeflateParams>,
  ][] = [
    ["permessage-deflate", {}, "permessage-deflate", {}],
    ["x-other, permessage-deflate", {}, "permessage-deflate", {}],
    [
      "permessage-deflate; client_max_window_bits",
      {},
      "permessage-deflate; client_max_window_bits=15",
      { clientMaxWindowBits: 15 },
    ],
    [
      "permessage-deflate; client_max_window_bits",
      { clientMaxWindowBits: 10 },
      "permessage-deflate; client_max_window_bits=10",
      { clientMaxWindowBits: 10 },
    ],
    [
      "permessage-deflate; client_max_window_bits=9",
      { clientMaxWindowBits: 10 },
      "permessage-deflate; client_max_window_bits=9",
      { clientMaxWindowBits: 9 },
    ],
    [
      "permessage-deflate; client_max_window_bits=8",
      {},
      "permessage-deflate; client_max_window_bits=8",
      { clientMaxWindowBits: 8 },
    ],
    [
      "permessage-deflate; server_max_window_bits=10",
      {},
      "permessage-deflate; server_max_window_bits=10",
      { serverMaxWindowBits: 10 },
    ],
    [
      "permessage-deflate; server_max_window_bits=12",
      { serverMaxWindowBits: 9 },
      "permessage-deflate; server_max_window_bits=9",
      { serverMaxWindowBits: 9 },
    ],
    [
      "permessage-deflate; server_max_window_bits=15",
      {},
      "permessage-deflate; server_max_window_bits=15",
      {},
    ],
    [
      "permessage-deflate",
      { serverMaxWindowBits: 11 },
      "permessage-deflate; server_max_window_bits=11",
      { serverMaxWindowBits: 11 },
    ],
    [
      'permessage-deflate; server_max_window_bits="10"',
      {},
      "permessage-deflate; server_max_window_bits=10",
      { serverMaxWindowBits: 10 },
    ],
    [
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
      {},
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
      { serverNoContextTakeover: true, clientNoContextTakeover: true },
    ],
    [
      "permessage-deflate",
      { serverNoContextTakeover: true, clientNoContextTakeover: true },
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
      { serverNoContextTakeover: true, clientNoContextTakeover: true },
    ],
    [
      "permessage-deflate",
      { clientMaxWindowBits: 10, clientNoContextTakeover: true },
      "permessage-deflate; client_no_context_takeover",
      { clientNoContextTakeover: true, clientMaxWindowBits: 15 },
    ],
    [
      "permessage-deflate; server_max_window_bits=8, permessage-deflate; server_max_window_bits=9",
      {},
      "permessage-deflate; server_max_window_bits=9",
      { serverMaxWindowBits: 9 },
    ],
    [
      "permessage-deflate; unknown, permessage-deflate; client_no_context_takeover, permessage-deflate",
      {},
      "permessage-deflate; client_no_context_takeover",
      { clientNoContextTakeover: true },
    ],
  ];
  for (const [offer, options, header, params] of agreements) {
    it(`answers ${offer} with ${JSON.stringify(options)} by ${header}`, () => {
      assert.deepEqual(negotiate(offer, options), { header, params: { ...largest, ...params } });
    });
  }

  for (const offer of [
    "x-other",
    "Permessage-Deflate",
    "permessage-deflate; unknown",
    "permessage-deflate; unknown=1",
    "permessage-deflate; server_no_context_takeover=1",
    "permessage-deflate; client_no_context_takeover=true",
    "permessage-deflate; server_max_window_bits",
    "permessage-deflate; server_max_window_bits=8",
    "permessage-deflate; server_max_window_bits=10; server_max_window_bits=10",
    "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
    "permessage-deflate; client_max_window_bits; client_max_window_bits=10",
    "permessage-deflate; SERVER_MAX_WINDOW_BITS=10",
  ]) {
    it(`declines ${offer}`, () => assert.equal(negotiate(offer), undefined));
  }

  it("takes window bits from 8 to 15, as decimal numbers without leading zeros, and declines all else", () => {
    const junk = [
      "-1",
      "1e1",
      "010",
      "015",
      "0x0f",
      "8.0",
      "99",
      "+9",
      "constructor",
      "__proto__",
      "1".repeat(5000),
    ];
    const numbers = Array.from({ length: 21 }, (_, bits) => String(bits));
    for (const value of [...numbers, ...junk]) {
      const bits = Number(value);
      const isValid = numbers.includes(value) && bits >= 8 && bits <= 15;
      const server = negotiate(`permessage-deflate; server_max_window_bits=${value}`);
      assert.equal(
        server?.params.serverMaxWindowBits,
        isValid && bits > 8 ? bits : undefined,
        `server ${value}`,
      );
      const client = negotiate(`permessage-deflate; client_max_window_bits=${value}`);
      assert.equal(client?.params.clientMaxWindowBits, isValid ? bits : undefined, `client ${value}`);
    }
  });

  it("declines every name of Object.prototype as a parameter", () => {
    for (const name of Object.getOwnPropertyNames(Object.prototype)) {
      assert.equal(negotiate(`permessage-deflate; ${name}`), undefined, name);
      assert.equal(negotiate(name), undefined, name);
    }
  });

  it("declines a client that can't be told to use the smaller window that is wanted", () => {
    assert.equal(negotiate("permessage-deflate", { clientMaxWindowBits: 10 }), undefined);
    assert.ok(
      negotiate("permessage-deflate; client_no_context_takeover", { clientMaxWindowBits: 10 }) !== undefined,
    );
  });

  it("agrees with nobody who offers nothing", () => {
    assert.equal(negotiateDeflate([], largest), undefined);
  });
});

describe("deflateOffer", () => {
  it("says what the client wants, and that the server may limit the client's window", () => {
    assert.equal(deflateOffer(largest), "permessage-deflate; client_max_window_bits");
    assert.equal(
      deflateOffer({
        serverNoContextTakeover: true,
        clientNoContextTakeover: true,
        serverMaxWindowBits: 10,
        clientMaxWindowBits: 11,
      }),
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; client_max_window_bits=11",
    );
  });
});

describe("acceptDeflate", () => {
  const bits = fc.integer({ min: 9, max: 15 });
  const options: fc.Arbitrary<DeflateParams> = fc.record({
    serverNoContextTakeover: fc.boolean(),
    clientNoContextTakeover: fc.boolean(),
    serverMaxWindowBits: bits,
    clientMaxWindowBits: bits,
  });

  it("agrees with whatever our own server makes of our own offer", () => {
    fc.assert(
      fc.property(options, options, (client, server) => {
        const agreement = negotiate(deflateOffer(client), server);
        assert.ok(agreement !== undefined);
        assert.deepEqual(acceptDeflate(agreement.header, client), {
          kind: "accepted",
          params: agreement.params,
        });
      }),
    );
  });

  it("takes what the server decides of its own accord", () => {
    const answer = acceptDeflate(
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=8; client_max_window_bits=9",
      largest,
    );
    assert.deepEqual(answer, {
      kind: "accepted",
      params: {
        serverNoContextTakeover: true,
        clientNoContextTakeover: true,
        serverMaxWindowBits: 8,
        clientMaxWindowBits: 9,
      },
    });
  });

  const small: DeflateParams = {
    ...largest,
    serverNoContextTakeover: true,
    serverMaxWindowBits: 10,
    clientMaxWindowBits: 11,
  };
  for (const [header, offered] of [
    ["", largest],
    ["permessage-deflate;", largest],
    ["x-other", largest],
    ["permessage-deflate, permessage-deflate", largest],
    ["permessage-deflate, x-other", largest],
    ["permessage-deflate; unknown", largest],
    ["permessage-deflate; server_max_window_bits", largest],
    ["permessage-deflate; server_max_window_bits=16", largest],
    ["permessage-deflate; client_max_window_bits", largest],
    ["permessage-deflate; client_max_window_bits=8", largest],
    ["permessage-deflate; client_no_context_takeover; client_no_context_takeover", largest],
    ["permessage-deflate; server_no_context_takeover", small],
    ["permessage-deflate; server_no_context_takeover; server_max_window_bits=11", small],
    ["permessage-deflate; server_max_window_bits=10", small],
    [
      "permessage-deflate; server_no_context_takeover; server_max_window_bits=10; client_max_window_bits=12",
      small,
    ],
  ] as const) {
    it(`refuses the answer "${header}" to ${deflateOffer(offered)}`, () => {
      assert.equal(acceptDeflate(header, offered).kind, "refused");
    });
  }
});
