import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, it } from "node:test";
import { quantity } from "../../src/cli/quantity.ts";
import { filesUnder, inRepository, pages, prose, readText, tableAfter, ticked } from "../support/pages.ts";
import { constantOf } from "../support/source.ts";

const PAGE = "ARCHITECTURE.md";

describe("ARCHITECTURE.md", () => {
  it("has the rooms that there are, on the levels that are enforced", () => {
    const rows = tableAfter(PAGE, "Rooms").flatMap(([level, room = ""]) =>
      ticked(room).map((path) => [path, Number(level)]),
    );
    assert.deepEqual(Object.fromEntries(rows), enforcedLevels());
    const rooms = readdirSync(inRepository("src"), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    assert.deepEqual(rooms.map(({ name }) => `src/${name}`).sort(), rows.map(([path]) => path).sort());
  });

  it("draws the imports that there are", () => {
    const drawn = [...readText(PAGE).matchAll(/^ {2}(\w+) --> (\w+)$/gm)].map(
      ([, from, to]) => `${from} --> ${to}`,
    );
    assert.deepEqual(drawn.sort(), importsBetweenRooms());
  });

  it("says of every folder of tests what it holds", () => {
    const described = tableAfter(PAGE, "Where tests live").flatMap(([folder = ""]) => ticked(folder));
    for (const entry of readdirSync(inRepository("test"), { withFileTypes: true })) {
      if (entry.isDirectory()) assert.ok(described.includes(`test/${entry.name}`), entry.name);
    }
  });
});

describe("the pages", () => {
  it("name files that exist", () => {
    let named = 0;
    for (const page of pages()) {
      for (const path of ticked(prose(page)).filter((text) =>
        /^(src|test|scripts|bench|docs|examples)\/\S+$/.test(text),
      )) {
        named++;
        assert.ok(existsSync(inRepository(path)), `${page}: ${path}`);
      }
    }
    assert.ok(named > 50, `${named} were found`);
  });

  it("have the numbers that the code has", () => {
    for (const [file, name, says, ...places] of NUMBERS) {
      const value = constantOf(`src/${file}`, name);
      for (const place of places) {
        const text = readText(place).replaceAll("\n", " ");
        assert.ok(text.includes(says(value)), `${place} should say "${says(value)}" (${name})`);
      }
    }
  });
});

type Place = [file: string, constant: string, says: (value: number) => string, ...pages: string[]];

const percent = (value: number): string => `${Math.round(value * 100)} %`;
const grouped = (value: number): string => value.toLocaleString("en");

/** Numbers that no option sets, and the words with which the pages say them. */
const NUMBERS: readonly Place[] = [
  ["transport/front-door.ts", "MAX_REFUSALS_AT_ONCE", (value) => `${value} at a time`, PAGE],
  ["transport/front-door.ts", "MAX_REFUSALS_AT_ONCE", (value) => `than ${value} clients`, "docs/errors.md"],
  ["transport/handshake.ts", "LINGER_MS", (value) => `or ${value / 1000} s`, PAGE],
  [
    "transport/websocket-connection.ts",
    "MAX_DISCARDED_BYTES",
    (value) => `${quantity(value)} after the close frame`,
    PAGE,
  ],
  [
    "transport/send-buffer.ts",
    "ZERO_COPY_BYTES",
    (value) => `${quantity(value)} and more`,
    PAGE,
    "docs/decisions/0002-one-send-buffer.md",
  ],
  ["transport/frame-arena.ts", "ARENA_BYTES", (value) => `| ${quantity(value)} | flushed at once`, PAGE],
  [
    "transport/frame-arena.ts",
    "ARENA_BYTES",
    (value) => `(${quantity(value)})`,
    "docs/decisions/0002-one-send-buffer.md",
  ],
  ["transport/group-log.ts", "FLUSH_BYTES", (value) => `${quantity(value)} a group`, PAGE],
  ["transport/group-log.ts", "MAX_PENDING_BYTES", (value) => `${quantity(value)} in all`, PAGE],
  [
    "transport/flusher.ts",
    "SLICE_MS",
    (value) => `for ${value} ms`,
    PAGE,
    "docs/decisions/0003-adaptive-flush-window.md",
  ],
  [
    "transport/flush-window.ts",
    "BUSY",
    percent,
    "docs/backpressure.md",
    "docs/metrics.md",
    "docs/decisions/0003-adaptive-flush-window.md",
  ],
  [
    "transport/flush-window.ts",
    "FIRST_MS",
    (value) => `${value} ms`,
    "docs/backpressure.md",
    "docs/decisions/0003-adaptive-flush-window.md",
  ],
  [
    "transport/flush-window.ts",
    "SAMPLE_MS",
    (value) => `every ${value} ms`,
    "docs/decisions/0003-adaptive-flush-window.md",
  ],
  [
    "transport/memory-budget.ts",
    "SHED_TO",
    (value) => ({ 0.9: "nine tenths" })[value] ?? "?",
    "docs/backpressure.md",
  ],
  [
    "transport/message-compression.ts",
    "MAX_DEFLATE_BYTES",
    (value) => `over ${quantity(value)}`,
    "docs/decisions/0005-compression-without-streams.md",
  ],
  [
    "transport/message-compression.ts",
    "MAX_SYNC_INFLATE_BYTES",
    (value) => `more than ${quantity(value)}`,
    "docs/decisions/0005-compression-without-streams.md",
  ],
  ["websocket/zlib-jobs.ts", "MAX_RUNNING", (value) => `${value} at work`, PAGE],
  [
    "internal/timer-wheel.ts",
    "MAX_TICKS_AT_ONCE",
    (value) => ({ 2: "two ticks" })[value] ?? "?",
    PAGE,
    "docs/decisions/0004-virtual-time.md",
  ],
  ["transport/listener.ts", "BACKLOG", grouped, "docs/deployment.md"],
  ["transport/descriptor-limit.ts", "RESERVE_SHARE", percent, "docs/deployment.md", "docs/options.md"],
  ["transport/descriptor-limit.ts", "MIN_RESERVE", (value) => `at least ${value}`, "docs/deployment.md"],
  [
    "transport/descriptor-limit.ts",
    "MAX_RESERVE",
    (value) => `at most ${grouped(value)}`,
    "docs/deployment.md",
  ],
];

/** From the rules that `npm run check:layers` applies. */
function enforcedLevels(): Record<string, number> {
  const require = createRequire(import.meta.url);
  const { forbidden } = require("../../.dependency-cruiser.cjs") as { forbidden: { comment?: string }[] };
  const levels = forbidden.flatMap(({ comment = "" }) => {
    const [, room, level] = /^(\w+) is on level (\d)/.exec(comment) ?? [];
    return room === undefined ? [] : [[`src/${room}`, Number(level)]];
  });
  return Object.fromEntries(levels);
}

function importsBetweenRooms(): string[] {
  const found = new Set<string>();
  for (const path of filesUnder("src").filter((file) => file.endsWith(".ts"))) {
    const [, from, rest] = path.split("/");
    if (rest === undefined) continue;
    for (const [, to] of readText(path).matchAll(/from "(?:\.\.\/)+(\w+)\/[\w/.-]+"/g)) {
      if (to !== from && existsSync(inRepository(`src/${to}/`))) found.add(`${from} --> ${to}`);
    }
  }
  return [...found].sort();
}
