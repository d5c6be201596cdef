import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { quantity } from "../../src/cli/quantity.ts";
import { flagOf, serveSettings, variableOf } from "../../src/cli/serve-settings.ts";
import { resolveOptions } from "../../src/server/resolve-options.ts";
import { compressionDefaults, connectionDefaults } from "../../src/transport/index.ts";
import { documentedOptions, importScript, literalDefault, pages, readText } from "../support/pages.ts";

// Their defaults are no values, or depend on the machine.
const IN_WORDS = [
  "authenticate",
  "handler",
  "hosts",
  "http",
  "limits.maxBufferedBytes",
  "limits.maxConnections",
  "onError",
  "routes",
  "server",
  "subprotocols",
  "tls",
];

describe("docs/options.md", () => {
  it("is what the doc comments say", async () => {
    const script = await importScript<{ renderOptions(): string }>("scripts/generate-options.mjs");
    const page = readText("docs/options.md").split("\n");
    const generated = script.renderOptions().split("\n");
    const stale = generated.filter((line) => !page.includes(line));
    assert.deepEqual(stale, [], "run: node --import tsx scripts/generate-options.mjs");
    assert.deepEqual(page, generated);
  });

  it("has every flag and every variable of sluice serve", () => {
    const page = readText("docs/options.md");
    for (const key of Object.keys(serveSettings)) {
      assert.ok(page.includes(`\`${flagOf(key)}\``), flagOf(key));
      assert.ok(page.includes(`\`${variableOf(key)}\``), variableOf(key));
    }
  });
});

describe("the doc comments of options", () => {
  it("have a sentence and a default each", async () => {
    for (const { path, text, fallback } of await documentedOptions()) {
      assert.match(text, /[.:]|\)$/, path);
      assert.notEqual(fallback, "", path);
    }
  });

  it("name the defaults that are used", async () => {
    const options = await documentedOptions();
    const used = usedDefaults();
    const inWords: string[] = [];
    for (const option of options) {
      const literal = literalDefault(option);
      if (literal === undefined) inWords.push(option.path);
      else assert.deepEqual(literal.value, valueAt(used, option.path), option.path);
    }
    assert.deepEqual(inWords.sort(), IN_WORDS);
    assert.ok(options.length > 40, `${options.length} were looked at`);
  });

  it("say numbers of bytes as people do, too", async () => {
    for (const option of await documentedOptions()) {
      const [, spoken] = /\((\d+ [KM]iB)\)$/.exec(option.fallback) ?? [];
      if (spoken !== undefined)
        assert.equal(spoken, quantity(literalDefault(option)?.value as number), option.path);
    }
  });
});

it("defaults that other pages mention are those of the options", async () => {
  const options = await documentedOptions();
  let mentions = 0;
  for (const page of pages()) {
    for (const [mention, name = "", amount = ""] of readText(page).matchAll(
      /`([a-zA-Z.]+)`[ \n]\(?([\d,.]+ ?(?:KiB|MiB|ms|s\b)?)/g,
    )) {
      const option = options.find(
        ({ path }) => path === name || path === `drain.${name}` || path === `limits.${name}`,
      );
      const literal = option === undefined ? undefined : literalDefault(option);
      if (typeof literal?.value !== "number") continue;
      mentions++;
      assert.equal(amountOf(amount), literal.value, `${page}: ${mention}`);
    }
  }
  assert.ok(mentions >= 10, `${mentions} were found`);
});

function amountOf(text: string): number {
  const [, digits = "", unit = ""] = /^([\d,.]+?),? ?(KiB|MiB|ms|s)?$/.exec(text.trim()) ?? [];
  const factor = { KiB: 1024, MiB: 1024 ** 2, s: 1000 }[unit] ?? 1;
  return Number(digits.replaceAll(",", "")) * factor;
}

function usedDefaults(): object {
  const transport = process.env["SLUICE_TRANSPORT"];
  delete process.env["SLUICE_TRANSPORT"];
  const resolved = resolveOptions({ handler: () => {} });
  if (transport !== undefined) process.env["SLUICE_TRANSPORT"] = transport;
  return {
    ...connectionDefaults,
    ...resolved,
    origins: resolved.fallback?.origins,
    compression: { ...compressionDefaults, isOn: resolved.fallback?.profile.options.compression !== null },
    drain: closingDefaults(),
  };
}

// They are where they are used.
function closingDefaults(): object {
  const source = readText("src/server/drain.ts");
  const value = (name: string): number =>
    Number(new RegExp(`\\b${name} = ([\\d_]+)`).exec(source)?.[1]?.replaceAll("_", ""));
  return { drainMs: value("drainMs"), spreadMs: value("DEFAULT_SPREAD_MS") };
}

function valueAt(tree: object, path: string): unknown {
  // As a whole it is on or off.
  const names = path === "compression" ? ["compression", "isOn"] : path.split(".");
  return names.reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], tree);
}
