import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const folder = new URL("./", import.meta.url);
const document = readFileSync(new URL("../../docs/bad-inputs.md", import.meta.url), "utf8");

const ROWS = [
  ...Array.from({ length: 23 }, (_, index) => `1.${index + 1}`),
  ...Array.from({ length: 15 }, (_, index) => `2.${index + 1}`),
  ...Array.from({ length: 7 }, (_, index) => `3.${index + 1}`),
];

/** The files that a row names, by row. */
function rowsOf(markdown: string): Map<string, string[]> {
  const lines = markdown.matchAll(/^\| (\d+\.\d+) \|.*\| ([^|]*) \|$/gm);
  return new Map(
    [...lines].map(([, row = "", files = ""]) => [
      row,
      [...files.matchAll(/\(\.\.\/test\/bad-inputs\/([^)]+)\)/g)].map(([, file = ""]) => file),
    ]),
  );
}

const testFiles = readdirSync(folder).filter((name) => name.endsWith(".test.ts"));
const sources = new Map(testFiles.map((name) => [name, readFileSync(new URL(name, folder), "utf8")]));

test("every row is documented, once and in order, with a test that bears its number", () => {
  const rows = rowsOf(document);
  assert.deepEqual([...rows.keys()], ROWS);
  assert.equal(document.match(/^\| \d+\.\d+ \|/gm)?.length, ROWS.length);
  for (const [row, files] of rows) {
    assert.ok(files.length > 0, `${row} names a file`);
    for (const file of files) {
      const source = sources.get(file);
      assert.ok(source !== undefined, `${file}, which ${row} names, exists`);
      assert.ok(source.includes(`(bad inputs ${row})`), `${file} has a test of ${row}`);
    }
  }
});

test("every test is named by the document in the row whose number it bears", () => {
  const rows = rowsOf(document);
  for (const [file, source] of sources) {
    const numbers = new Set([...source.matchAll(/\(bad inputs (\d+\.\d+)\)"/g)].map(([, row = ""]) => row));
    for (const row of numbers) assert.ok(rows.get(row)?.includes(file), `${row} names ${file}`);
  }
});
