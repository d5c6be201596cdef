import assert from "node:assert/strict";
import { it } from "node:test";
import { quantity } from "../../../src/cli/quantity.ts";

it("bytes are said in the largest unit that fits", () => {
  const said: Record<number, string> = {
    0: "0 bytes",
    1023: "1,023 bytes",
    1024: "1 KiB",
    65536: "64 KiB",
    1572864: "1.5 MiB",
    1073741824: "1 GiB",
    4398046511104: "4,096 GiB",
  };
  for (const [bytes, words] of Object.entries(said)) assert.equal(quantity(Number(bytes)), words);
});
