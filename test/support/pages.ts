import { readdirSync, readFileSync } from "node:fs";

const ROOT = new URL("../../", import.meta.url);

/** A file of the repository, as a URL. */
export function inRepository(path: string): URL {
  return new URL(path, ROOT);
}

/** The text of a file of the repository. */
export function readText(path: string): string {
  return readFileSync(inRepository(path), "utf8");
}

/** What is in a folder of the repository, at any depth, as paths from its root. */
export function filesUnder(folder: string): string[] {
  const names = readdirSync(inRepository(folder), { recursive: true, encoding: "utf8" });
  return names.map((name) => `${folder}/${name.replaceAll("\\", "/")}`).sort();
}

/** All pages of documentation. One that `npm run bench` writes is left out: it has what was measured, and is never kept by hand. */
export function pages(): string[] {
  const docs = filesUnder("docs").filter((path) => path.endsWith(".md") && path !== "docs/performance.md");
  return ["README.md", "ARCHITECTURE.md", ...docs];
}

/** The text of a page without its blocks of code. */
export function prose(page: string): string {
  return readText(page).replaceAll(/^```[\s\S]*?^```$/gm, "");
}

/** The rows of the first table that stands after a heading; each is its cells as text. */
export function tableAfter(page: string, heading: string): string[][] {
  const lines = readText(page).split("\n");
  const at = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, "") === heading);
  if (at === -1) throw new Error(`${page} has no heading "${heading}"`);
  const start = lines.findIndex((line, index) => index > at && line.startsWith("| ---"));
  const end = lines.findIndex((line, index) => index > start && !line.startsWith("|"));
  return lines.slice(start + 1, end).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll("\\|", "|")),
  );
}

/** What stands between backticks. */
export function ticked(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
}

/** A script of the repository: they are JavaScript without declarations. */
export async function importScript<T>(path: string): Promise<T> {
  return (await import(inRepository(path).href)) as T;
}

/** An option, as `scripts/generate-options.mjs` reads it from its doc comment. */
export interface DocumentedOption {
  readonly owner: string;
  /** Such as `limits.maxConnections`. */
  readonly path: string;
  readonly text: string;
  /** What follows `@default`. */
  readonly fallback: string;
}

/** All options, as their doc comments have them. */
export async function documentedOptions(): Promise<DocumentedOption[]> {
  const script = await importScript<{ documentedOptions(): DocumentedOption[] }>(
    "scripts/generate-options.mjs",
  );
  return script.documentedOptions();
}

/** A default that is a value, such as `1_048_576 (1 MiB)`; undefined for one that is said in words. */
export function literalDefault({ fallback }: DocumentedOption): { readonly value: unknown } | undefined {
  const [literal = ""] = fallback.split(" (");
  const text = literal.replaceAll("_", "");
  return /^(\d+|null|true|false|\[\]|"[^"]*")$/.test(text)
    ? { value: JSON.parse(text) as unknown }
    : undefined;
}
