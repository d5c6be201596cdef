// What examples/workers.ts runs in threads: it takes the processor for a while each time, which nothing else should wait for.

import { scryptSync } from "node:crypto";
import { transfer } from "sluice";

/** A key of a password, slow on purpose. */
export function hash(password: string, salt: string): string {
  if (password === "") throw Object.assign(new RangeError("there is no password"), { code: "EMPTY" });
  return scryptSync(password, salt, 32).toString("hex");
}

/** The bytes of a picture; they go over to the caller without being copied. */
export function gradient(size: number): Uint8Array {
  const pixels = new Uint8Array(size * size);
  for (let index = 0; index < pixels.length; index++) pixels[index] = (index * 255) / pixels.length;
  return transfer(pixels, [pixels.buffer]);
}
