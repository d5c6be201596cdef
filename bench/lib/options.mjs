import { parseArgs } from "node:util";

const usage = `npm run bench -- [options]

  --rows ID,ID      only these rows (see bench/rows)
  --peers ID,ID     only these peers: sluice, ws, socket-io, bun, uws, python-websockets, sluice-portable;
                    writes nothing
  --rounds N        how often each peer has its turn; 3 unless given, 1 for the longest rows
  --quick           half of the time for each load; writes nothing
  --smoke           as little as shows that everything runs, peers side by side; writes nothing
  --render          measure nothing, only write docs/performance.md again
`;

/**
 * @typedef {object} BenchOptions
 * @property {string[] | null} rows
 * @property {string[] | null} peers
 * @property {number | null} rounds
 * @property {import("./scale.mjs").Scale} scale
 * @property {boolean} onlyRender
 *
 * @param {string[]} argv
 * @returns {BenchOptions}
 */
export function parseOptions(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      rows: { type: "string" },
      peers: { type: "string" },
      rounds: { type: "string" },
      quick: { type: "boolean", default: false },
      smoke: { type: "boolean", default: false },
      render: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    process.exit(0);
  }
  const rounds = values.rounds === undefined ? null : Number(values.rounds);
  if (rounds !== null && !(Number.isInteger(rounds) && rounds > 0))
    throw new Error("--rounds takes a number from 1 on.");
  return {
    rows: values.rows?.split(",") ?? null,
    peers: values.peers?.split(",") ?? null,
    rounds,
    scale: values.smoke ? "smoke" : values.quick ? "quick" : "full",
    onlyRender: values.render,
  };
}

/**
 * The ones that were asked for by id, or all.
 *
 * @template {{ id: string }} Item
 * @param {Item[]} items
 * @param {string[] | null} ids
 * @param {string} what
 */
export function chosen(items, ids, what) {
  if (ids === null) return items;
  const unknown = ids.filter((id) => !items.some((item) => item.id === id));
  if (unknown.length > 0) {
    throw new Error(
      `No ${what} is called ${unknown.join(", ")}; there are ${items.map(({ id }) => id).join(", ")}.`,
    );
  }
  return items.filter(({ id }) => ids.includes(id));
}
