import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { it } from "node:test";
import { inRepository, pages, prose, readText } from "../support/pages.ts";

// It is written by `npm run bench`, beside these results.
const MEASURED = { page: "docs/performance.md", from: "bench/results.json" };

it("links between the pages lead somewhere", () => {
  let links = 0;
  for (const page of pages()) {
    for (const [, target = ""] of prose(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      links++;
      const url = new URL(target, inRepository(page));
      const path = url.pathname.slice(inRepository("").pathname.length);
      if (path === MEASURED.page && !existsSync(inRepository(MEASURED.from))) continue;
      assert.ok(existsSync(inRepository(path)), `${page}: ${target}`);
      if (url.hash !== "") assert.ok(anchorsOf(path).includes(url.hash), `${page}: ${target}`);
    }
  }
  assert.ok(links > 20, `${links} were found`);
});

function anchorsOf(page: string): string[] {
  return [...readText(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => {
    const words = heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "");
    return `#${words.replaceAll(" ", "-")}`;
  });
}
