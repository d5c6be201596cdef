import assert from "node:assert/strict";
import { it } from "node:test";
import { transfer, transferred } from "../../../../src/pools/workers/transfer.ts";

it("what is marked is known, with what goes over; what isn't, isn't", () => {
  const bytes = new Uint8Array(3);
  assert.deepEqual(transferred(transfer(bytes, [bytes.buffer])), { value: bytes, list: [bytes.buffer] });
  for (const other of [undefined, null, 1, "text", bytes, {}, () => 1])
    assert.equal(transferred(other), undefined);
});
