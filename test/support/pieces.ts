import fc from "fast-check";
import type { DecoderLimits } from "../../src/websocket/index.ts";
import { type DecoderEvent, DecoderHarness } from "./decoder-harness.ts";

/** Where bytes are cut: any places, taken modulo how many bytes there are. */
export const places: fc.Arbitrary<number[]> = fc.array(fc.nat({ max: 400_000 }), { maxLength: 20 });

/** Cuts bytes at these places. */
export function cut(bytes: Buffer, where: readonly number[]): Buffer[] {
  const borders = [...new Set(where.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...borders].map((start, index) => bytes.subarray(start, borders[index] ?? bytes.length));
}

/** What a new decoder tells of bytes that come in these pieces. */
export function decodePieces(pieces: readonly Buffer[], limits: Partial<DecoderLimits> = {}): DecoderEvent[] {
  const harness = new DecoderHarness(limits);
  for (const piece of pieces) harness.push(piece);
  return harness.events;
}
