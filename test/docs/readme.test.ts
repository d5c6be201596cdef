import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Command } from "commander";
import { addBenchCommand } from "../../src/cli/bench/index.ts";
import { addConnectCommand } from "../../src/cli/connect.ts";
import { addServeCommand } from "../../src/cli/serve.ts";
import {
  documentedOptions,
  importScript,
  inRepository,
  literalDefault,
  pages,
  readText,
  tableAfter,
  ticked,
} from "../support/pages.ts";
import { Program } from "../support/program.ts";
import { RawPeer, textFrame } from "../support/raw-peer.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

interface CodeBlock {
  readonly page: string;
  readonly runnable: boolean;
  readonly code: string;
}

const TITLES: readonly string[] = ["README.md: a server", "README.md: routes", "docs/backpressure.md: wait"];

/** What each runnable block has to do, in the order of the pages. */
const behaviours: readonly ((port: number) => Promise<void>)[] = [
  async (port) => {
    const peer = await RawPeer.open(port);
    peer.write(textFrame("hello"));
    assert.equal(await peer.text(), "Received: hello");
  },
  async (port) => {
    const [ada, eve] = [
      await RawPeer.open(port, { path: "/rooms/tea?name=Ada" }),
      await RawPeer.open(port, { path: "/rooms/tea?name=Eve" }),
    ];
    ada.write(textFrame("milk?"));
    for (const peer of [ada, eve]) assert.equal(await peer.text(), "Ada: milk?");
    assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), "A chat: /rooms/NAME?name=YOU\n");
  },
  async (port) => {
    const peer = await RawPeer.open(port);
    peer.write(textFrame("there and back"));
    assert.equal(await peer.text(), "there and back");
  },
];

describe("the programs in the pages", async () => {
  const { codeBlocks } = await importScript<{ codeBlocks(root: URL, page: string): CodeBlock[] }>(
    "scripts/code-blocks.mjs",
  );
  const blocks = pages()
    .flatMap((page) => codeBlocks(inRepository(""), page))
    .filter(({ runnable }) => runnable);

  it("are all known here", () => {
    assert.deepEqual(
      blocks.map(({ page }) => page),
      TITLES.map((title) => title.split(":")[0]),
    );
  });

  for (const [index, title] of TITLES.entries()) {
    it(`run: ${title}`, async (t) => {
      const folder = new TemporaryFolder();
      t.after(() => folder.remove());
      const code = blocks[index]?.code ?? "";
      assert.match(code, /8765/);
      const file = folder.write("program.mts", code.replaceAll("8765", "0"));
      const { port } = await Program.start(t, [file]);
      await behaviours[index]?.(port);
    });
  }
});

describe("README.md", () => {
  it("has the code that it is all about", () => {
    const program = `import { serve } from "sluice";

await serve(async (socket) => {
  for await (const message of socket) socket.send(\`Received: \${message}\`);
}, "localhost", 8765);`;
    assert.ok(readText("README.md").includes(program));
  });

  it("has the results that were measured last", async () => {
    const script = await importScript<{
      renderResults(results: object): string;
      savedResults(): object;
      withResults(text: string, block: string): string;
    }>("scripts/update-readme-results.mjs");
    const page = readText("README.md");
    const filled = script.withResults(page, script.renderResults(script.savedResults()));
    assert.equal(page, filled, "run: node scripts/update-readme-results.mjs");
  });

  it("has the limits that are on by default", async () => {
    const options = await documentedOptions();
    for (const [name = "", fallback = "", beyond = ""] of tableAfter("README.md", "Limits")) {
      const option = options.find(({ path }) => path === ticked(name)[0]);
      if (option === undefined) throw new Error(`${name} is no option`);
      const literal = literalDefault(option);
      if (literal === undefined) assert.equal(fallback, option.fallback, name);
      else assert.equal(numberIn(fallback), literal.value, name);
      if (/^\d+$/.test(beyond)) assert.match(option.text, new RegExp(`\\(${beyond}\\b`), name);
    }
  });

  it("names commands and flags that there are", () => {
    const program = new Command("sluice");
    for (const add of [addServeCommand, addConnectCommand, addBenchCommand]) add(program);
    const lines = [...readText("README.md").matchAll(/^sluice (\w+) (.*)$/gm)];
    assert.ok(lines.length >= 3, `${lines.length} were found`);
    for (const [line, name, rest = ""] of lines) {
      const command = program.commands.find((candidate) => candidate.name() === name);
      const flags = rest.replace(/ #.*/, "").match(/--[\w-]+/g) ?? [];
      for (const flag of flags)
        assert.ok(
          command?.options.some(({ long }) => long === flag),
          line,
        );
    }
  });
});

it("the pages name scripts that there are", () => {
  const { scripts } = JSON.parse(readText("package.json")) as { scripts: Record<string, string> };
  for (const page of pages()) {
    for (const [line, name = ""] of readText(page).matchAll(/\bnpm (?:run )?(start|test|(?<=run )[\w:]+)\b/g))
      assert.ok(name in scripts, `${page}: ${line}`);
  }
});

/** A default as the table has it: `16 KiB`, `1,024`, `none`. */
function numberIn(text: string): number | null {
  if (text === "none") return null;
  const [, digits = "", unit = ""] = /^([\d,]+) ?(KiB|MiB)?$/.exec(text) ?? [];
  return Number(digits.replaceAll(",", "")) * ({ KiB: 1024, MiB: 1024 ** 2 }[unit] ?? 1);
}
