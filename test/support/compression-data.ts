/** A kind of data that is worth compressing, or isn't; always the same. */
export interface CompressionData {
  readonly name: string;
  readonly isText: boolean;
  readonly bytes: Buffer;
}

const BYTES = 131_072;

const WORDS =
  "da steh ich nun ich armer Tor und bin so klug als wie zuvor heiße Magister heiße Doktor gar".split(" ");

/** One data set of each kind that the Autobahn TestSuite has: prose, a picture, a document, JSON and HTML. */
export const compressionData: readonly CompressionData[] = [
  { name: "prose", isText: false, bytes: fill((random) => Buffer.from(sentence(random))) },
  { name: "a picture", isText: false, bytes: fill((random, at) => picture(random, at)) },
  { name: "a document that is compressed already", isText: false, bytes: fill((random) => noise(random)) },
  { name: "JSON", isText: true, bytes: fill((random, at) => Buffer.from(record(random, at))) },
  {
    name: "HTML",
    isText: true,
    bytes: fill((random) => Buffer.from(`<p class="verse">${sentence(random)}</p>\n`)),
  },
];

/** Part of a data set, which begins anew at its end. */
export function slice(data: CompressionData, at: number, length: number): Buffer {
  const start = at % data.bytes.length;
  return Buffer.concat([data.bytes, data.bytes]).subarray(start, start + length);
}

type Random = (below: number) => number;

function sentence(random: Random): string {
  const words = Array.from({ length: 5 + random(10) }, () => WORDS[random(WORDS.length)] ?? "");
  return `${words.join(" ")}! `;
}

function record(random: Random, at: number): string {
  return `${JSON.stringify({ id: at, name: WORDS[random(WORDS.length)], price: random(100_000) / 100, tags: [random(10)] })},\n`;
}

function picture(random: Random, at: number): Buffer {
  return Buffer.from(Array.from({ length: 512 }, (_, x) => (128 + ((x * at) >> 12) + random(4)) & 0xff));
}

function noise(random: Random): Buffer {
  return Buffer.from(Array.from({ length: 256 }, () => random(256)));
}

/** Calls for parts until there is enough; text is cut where characters end, as ASCII follows each of them. */
function fill(part: (random: Random, at: number) => Buffer): Buffer {
  let state = 42;
  // Numerical Recipes' generator: the same data each time.
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const parts: Buffer[] = [];
  let length = 0;
  while (length < BYTES) {
    const next = part(random, length);
    parts.push(next);
    length += next.length;
  }
  return Buffer.concat(parts).subarray(0, BYTES);
}
