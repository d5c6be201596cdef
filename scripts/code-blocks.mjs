import { readFileSync } from "node:fs";

/**
 * A block of code in a page. `runnable` stands after its language if it is a whole program that serves on port 8765.
 *
 * @typedef {{ page: string, line: number, runnable: boolean, code: string }} CodeBlock
 */

/** The TypeScript of a page. @param {URL} root @param {string} page @returns {CodeBlock[]} */
export function codeBlocks(root, page) {
  const text = readFileSync(new URL(page, root), "utf8");
  return [...text.matchAll(/^```ts( runnable)?\n([\s\S]*?)^```$/gm)].map(
    ({ index, 1: runnable, 2: code }) => ({
      page,
      line: text.slice(0, index).split("\n").length + 1,
      runnable: runnable !== undefined,
      code: code ?? "",
    }),
  );
}
