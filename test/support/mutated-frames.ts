import { deflateRawSync } from "node:zlib";
import { close, frame } from "./decoder-harness.ts";
import type { SeededRandom } from "./seeded-random.ts";

const OPCODES = [0, 1, 1, 1, 2, 2, 8, 9, 10, 3, 11];
const TEXTS = ["", "hello", "é", "😀", "\u0000", "x".repeat(125), "x".repeat(126), "y".repeat(300)];

/** A short stream of frames as a client might send them, with something wrong in it more often than not. */
export function mutatedStream(random: SeededRandom, options: { compression: boolean }): Buffer {
  const count = 1 + random.below(6);
  const frames = Array.from({ length: count }, () => randomFrame(random, options.compression));
  const stream = Buffer.concat(frames);
  const mutations = random.pick([0, 0, 1, 1, 2, 5]);
  let mutated: Buffer = stream;
  for (let done = 0; done < mutations; done++) mutated = mutate(random, mutated);
  return mutated;
}

function randomFrame(random: SeededRandom, compression: boolean): Buffer {
  const opcode = random.pick(OPCODES);
  const isRight = random.below(4) > 0;
  const fin = random.below(4) > 0;
  if (opcode === 8 && isRight) return close(random.pick([1000, 1001, 3000, 1005, 999]), random.pick(TEXTS));
  const isCompressed = compression && (opcode === 1 || opcode === 2) && random.below(2) === 0;
  const payload = randomPayload(random, isCompressed && isRight);
  const rsv = isCompressed ? 4 : isRight ? 0 : random.below(8);
  return frame({ opcode, fin: fin || opcode >= 8, rsv, payload, masked: isRight || random.below(3) > 0 });
}

function randomPayload(random: SeededRandom, isCompressed: boolean): Buffer {
  const payload = random.below(3) === 0 ? random.bytes(random.below(200)) : Buffer.from(random.pick(TEXTS));
  if (!isCompressed) return payload;
  const deflated = deflateRawSync(payload, { finishFlush: 2 });
  return deflated.subarray(0, deflated.length - 4);
}

function mutate(random: SeededRandom, stream: Buffer): Buffer {
  const bytes = Buffer.from(stream);
  const at = random.below(bytes.length || 1);
  switch (random.below(5)) {
    case 0:
      bytes[at] = random.below(256);
      return bytes;
    case 1:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
      return bytes;
    case 2:
      return bytes.subarray(0, at);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), random.bytes(1 + random.below(12)), bytes.subarray(at)]);
    default:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(6))]);
  }
}
