import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { SluiceError } from "../errors/index.ts";
import { printable } from "./printable.ts";
import { type SettingValues, serveSettings } from "./serve-settings.ts";

type Tree = Readonly<Record<string, unknown>>;

const keysByPath: ReadonlyMap<string, string> = new Map(
  Object.entries(serveSettings).map(([key, { path }]) => [path, key]),
);

/** Such as `limits`, which holds further options. */
const groups: ReadonlySet<string> = new Set(
  [...keysByPath.keys()].filter((path) => path.includes(".")).map((path) => path.slice(0, path.indexOf("."))),
);

/**
 * The settings that stand in a file: JSON (`.json`), or an ES module (`.js`, `.mjs`) that exports them as `default` or as
 * `options`. They have the shape of the options in code: `{ "port": 9000, "limits": { "maxConnections": 1000 } }`.
 *
 * @param file - its path, from the working directory
 * @throws SLUICE_CONFIG_UNREADABLE, SLUICE_CONFIG_INVALID
 */
export async function settingsFromFile(file: string): Promise<SettingValues> {
  const content = extname(file) === ".json" ? await readJson(file) : await importModule(file);
  if (!isTree(content)) throw invalidFile(file, "it must hold an object of options");
  const values: Record<string, unknown> = {};
  collect(file, content, "", values);
  return values;
}

function collect(file: string, tree: Tree, prefix: string, values: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(tree)) {
    if (value === undefined) continue;
    const path = `${prefix}${name}`;
    const key = keysByPath.get(path);
    if (key !== undefined) {
      values[key] = readValue(file, path, key, value);
    } else if (prefix === "" && groups.has(name)) {
      if (!isTree(value)) throw invalidFile(file, `${path} must be an object of options`);
      collect(file, value, `${name}.`, values);
    } else {
      throw invalidFile(file, `${printable(path, 80)} is not an option; ${siblings(prefix)}`);
    }
  }
}

function readValue(file: string, path: string, key: string, value: unknown): unknown {
  const { kind } = serveSettings[key] as (typeof serveSettings)[string];
  const read = kind.fromValue(value);
  if (read !== undefined) return read;
  throw invalidFile(
    file,
    `${path} must be ${kind.expects}, not ${printable(JSON.stringify(value) ?? typeof value, 80)}`,
  );
}

function siblings(prefix: string): string {
  const all = new Set(
    [...keysByPath.keys()]
      .filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length).split(".")[0]),
  );
  return `${prefix === "" ? "there are" : `${prefix.slice(0, -1)} has`} ${[...all].join(", ")}`;
}

async function readJson(file: string): Promise<unknown> {
  const source = await readFile(file, "utf8").catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
  try {
    // Some editors begin a file with a byte order mark.
    return JSON.parse(source.replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw invalidFile(file, `it is not JSON (${reasonOf(cause)})`, cause);
  }
}

async function importModule(file: string): Promise<unknown> {
  if (![".js", ".mjs"].includes(extname(file))) {
    throw invalidFile(file, "its name must end in .json, .js or .mjs");
  }
  // An import that fails doesn't say whether the file is missing or one that it imports.
  await readFile(file).catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
  try {
    const module = (await import(pathToFileURL(resolve(file)).href)) as Tree;
    return module["default"] ?? module["options"];
  } catch (cause) {
    throw invalidFile(file, `it fails to load (${reasonOf(cause)})`, cause);
  }
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalidFile(file: string, problem: string, cause?: unknown): SluiceError {
  return new SluiceError("SLUICE_CONFIG_INVALID", { file, problem }, { cause });
}

function unreadable(file: string, cause: unknown): SluiceError {
  return new SluiceError("SLUICE_CONFIG_UNREADABLE", { file, reason: reasonOf(cause) }, { cause });
}

function reasonOf(cause: unknown): string {
  return printable(cause instanceof Error ? cause.message : String(cause));
}
