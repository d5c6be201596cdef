import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseExtensions } from "../../src/websocket/extension-header.ts";
import {
  acceptDeflate,
  type DeflateParams,
  negotiateDeflate,
} from "../../src/websocket/permessage-deflate.ts";
import { assertCompressedEcho, messageSizes } from "../support/compressed-echo.ts";
import { compressionData } from "../support/compression-data.ts";

const json = compressionData.find((data) => data.name === "JSON");

const largest: DeflateParams = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};

/** What the suite's client offers, and what its server asks for when the roles are the other way round. */
interface ParameterSet {
  readonly offer: string;
  readonly options: Partial<DeflateParams>;
  readonly params: Partial<DeflateParams>;
}

const any = "client_no_context_takeover; client_max_window_bits";

// RFC 7692 §7.1. The suite's window of 2^8 bytes is one of 2^9 here, as zlib can't compress with the smaller one; an offer
// with 8 is declined, which the last set shows.
const sets: ParameterSet[] = [
  { offer: `permessage-deflate; ${any}`, options: {}, params: {} },
  {
    offer: `permessage-deflate; server_no_context_takeover; ${any}`,
    options: { clientNoContextTakeover: true },
    params: { serverNoContextTakeover: true },
  },
  {
    offer: `permessage-deflate; server_max_window_bits=9; ${any}`,
    options: { clientMaxWindowBits: 9 },
    params: { serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
  },
  { offer: `permessage-deflate; server_max_window_bits=15; ${any}`, options: {}, params: {} },
  {
    offer: `permessage-deflate; server_no_context_takeover; server_max_window_bits=9; ${any}`,
    options: { clientMaxWindowBits: 9 },
    params: { serverNoContextTakeover: true, serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
  },
  {
    offer: `permessage-deflate; server_no_context_takeover; server_max_window_bits=15; ${any}`,
    options: {},
    params: { serverNoContextTakeover: true },
  },
  {
    offer: [
      `permessage-deflate; server_no_context_takeover; server_max_window_bits=8; ${any}`,
      `permessage-deflate; server_no_context_takeover; ${any}`,
      `permessage-deflate; ${any}`,
    ].join(", "),
    options: {},
    params: { serverNoContextTakeover: true },
  },
];

sets.forEach(({ offer, options, params }, set) => {
  describe(`compression parameters: ${offer}`, () => {
    const agreement = negotiateDeflate(parseExtensions(offer) ?? [], { ...largest, ...options });
    const agreed: DeflateParams = { ...largest, clientNoContextTakeover: true, ...params };

    it("agrees on what was asked for", () => {
      assert.deepEqual(agreement?.params, agreed);
      const client = { ...agreed, clientMaxWindowBits: 15 };
      assert.deepEqual(acceptDeflate(agreement?.header ?? "", client), { kind: "accepted", params: agreed });
    });

    messageSizes.forEach((size, index) => {
      const [bytes, fragmentBytes] = size;
      const cut = fragmentBytes === 0 ? "" : `, in fragments of ${fragmentBytes}`;
      it(`13.${set + 1}.${index + 1} messages of ${bytes} bytes${cut}`, async () => {
        assert.ok(agreement !== undefined && json !== undefined);
        await assertCompressedEcho(agreement.params, json, size);
        // The same windows, but with context takeover where neither side has forbidden it.
        if (index < 6)
          await assertCompressedEcho({ ...agreement.params, clientNoContextTakeover: false }, json, size);
      });
    });
  });
});
