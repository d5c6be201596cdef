import { invalidOption } from "../errors/index.ts";
import { quoted } from "./printable.ts";

/** Gathers the values of a flag that may be repeated, as commander wants it; a flag that isn't given stays undefined. */
export function gather(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

/**
 * Reads what `--header` was given. Headers of the same name are joined, as RFC 9110 §5.3 has it.
 *
 * @throws SLUICE_INVALID_OPTION
 */
export function parseHeaders(lines: readonly string[] = []): Record<string, string> {
  const headers = new Map<string, { name: string; value: string }>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon < 1) throw invalidOption("--header", `it must be 'Name: value', not ${quoted(line, 80)}`);
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    const key = name.toLowerCase();
    const earlier = headers.get(key);
    headers.set(key, earlier === undefined ? { name, value } : joined(earlier, value));
  }
  return Object.fromEntries([...headers.values()].map(({ name, value }) => [name, value]));
}

function joined(
  { name, value }: { name: string; value: string },
  next: string,
): { name: string; value: string } {
  return { name, value: `${value}, ${next}` };
}
