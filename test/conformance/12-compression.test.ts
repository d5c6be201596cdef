import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseExtensions } from "../../src/websocket/extension-header.ts";
import { type DeflateParams, negotiateDeflate } from "../../src/websocket/permessage-deflate.ts";
import { assertCompressedEcho, messageSizes } from "../support/compressed-echo.ts";
import { compressionData } from "../support/compression-data.ts";

const options: DeflateParams = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};

// RFC 7692 §7, with the suite's default offer.
const offer = "permessage-deflate; client_no_context_takeover; client_max_window_bits";

compressionData.forEach((data, set) => {
  describe(`compression: ${data.name}`, () => {
    messageSizes.forEach((size, index) => {
      const [bytes, fragmentBytes] = size;
      const cut = fragmentBytes === 0 ? "" : `, in fragments of ${fragmentBytes}`;
      it(`12.${set + 1}.${index + 1} messages of ${bytes} bytes${cut}`, async () => {
        const agreement = negotiateDeflate(parseExtensions(offer) ?? [], options);
        assert.ok(agreement !== undefined);
        await assertCompressedEcho(agreement.params, data, size);
      });
    });

    it("with context takeover in both directions", async () => {
      for (const size of messageSizes.slice(0, 6)) await assertCompressedEcho(options, data, size);
    });
  });
});
