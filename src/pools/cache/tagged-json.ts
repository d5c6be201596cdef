// JSON has no words for some of what a database's rows are made of. Each is written as an object with one member, whose name begins with "$":
// {"$date": 0}. An object that looks like that by itself gets one "$" more, so that both come back as what they were.

const DATE = "$date";
const BIGINT = "$bigint";
const BYTES = "$bytes";
const NUMBER = "$number";

/** Whether JSON alone would lose it: a date, a bigint, bytes, or a number such as NaN or -0. What it holds isn't looked at. */
export function needsTag(value: unknown): value is Date | bigint | Uint8Array | number {
  if (typeof value === "number") return !Number.isFinite(value) || Object.is(value, -0);
  return typeof value === "bigint" || value instanceof Date || value instanceof Uint8Array;
}

/** JSON of a value, from which {@link parseTagged} makes it again. It may hold what {@link needsTag}, and else what JSON can carry. */
export function stringifyTagged(value: unknown): string {
  return JSON.stringify(tagged(value));
}

/** The value of what {@link stringifyTagged} made. @throws SyntaxError if it isn't JSON */
export function parseTagged(text: string): unknown {
  return JSON.parse(text, (_name, value: unknown) => {
    const name = tagOf(value);
    return name === undefined ? value : untagged(name, (value as Record<string, unknown>)[name]);
  });
}

function tagged(value: unknown): unknown {
  if (needsTag(value)) return tagFor(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(tagged);
  const members = Object.entries(value).flatMap(([name, member]) =>
    // JSON leaves them out, so that they mustn't be what makes the difference to an object of one member.
    member === undefined ? [] : [[name, tagged(member)] as const],
  );
  // Not by assignment, for which "__proto__" would be more than a name.
  const copy: Record<string, unknown> = Object.fromEntries(members);
  const name = tagOf(copy);
  return name === undefined ? copy : { [`$${name}`]: copy[name] };
}

function tagFor(value: Date | bigint | Uint8Array | number): object {
  if (typeof value === "bigint") return { [BIGINT]: String(value) };
  if (typeof value === "number") return { [NUMBER]: Object.is(value, -0) ? "-0" : String(value) };
  if (value instanceof Date) return { [DATE]: value.getTime() };
  return { [BYTES]: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64") };
}

function tagOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const [name, second] = Object.keys(value);
  return second === undefined && name?.startsWith("$") ? name : undefined;
}

function untagged(name: string, content: unknown): unknown {
  if (name === DATE) return new Date(Number(content));
  if (name === BIGINT) return BigInt(String(content));
  if (name === NUMBER) return Number(content);
  if (name === BYTES) return Uint8Array.from(Buffer.from(String(content), "base64"));
  return { [name.slice(1)]: content };
}
