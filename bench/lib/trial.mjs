import { startGenerator } from "./generator.mjs";
import { watchMemory } from "./memory-watch.mjs";
import { runThroughOutage } from "./outage.mjs";
import { scaled } from "./scale.mjs";
import { seenBy, startServer } from "./server-process.mjs";

// A server that takes more is stopped: the machine has other work to do.
const MEMORY_LIMIT_BYTES = 1.5e9;

/**
 * What came of one load.
 *
 * @typedef {object} Outcome
 * @property {import("./generator.mjs").Report | null} report Null if it ended before its time.
 * @property {import("./memory-watch.mjs").MemoryWatch} memory
 * @property {string | null} stopped Why it did.
 * @property {boolean} failed Whether it did for another reason than memory.
 * @property {import("./server-process.mjs").Seen} [seen] What the server says, in the rows about pools.
 */

/** One peer's turn in a round of a row. */
export class Trial {
  /**
   * @param {{ peer: import("./peers.mjs").Peer, scale: import("./scale.mjs").Scale, cores: import("./cores.mjs").Cores | null,
   *   database: import("./live-database.mjs").LiveDatabase | null }} setting
   */
  constructor({ peer, scale, cores, database }) {
    this.peer = peer;
    this.scale = scale;
    this.cores = cores;
    this.database = database;
  }

  /** A load at the scale of this run. @param {import("./generator.mjs").Load} load */
  load(load) {
    return scaled(load, this.scale);
  }

  /**
   * Puts a load on a fresh server.
   *
   * @param {import("./peers.mjs").Work} work
   * @param {import("./generator.mjs").Load} load
   * @param {Record<string, string>} [environment] For the server.
   * @returns {Promise<Outcome>}
   */
  async run(work, load, environment = {}) {
    const [outcome] = await this.runTogether([{ work, load }], environment);
    return /** @type {Outcome} */ (outcome);
  }

  /**
   * Puts several loads on one fresh server, at the same time.
   *
   * @param {{ work: import("./peers.mjs").Work, load: import("./generator.mjs").Load }[]} loads
   * @param {Record<string, string>} [environment] For the server.
   * @returns {Promise<Outcome[]>}
   */
  async runTogether(loads, environment = {}) {
    const given = this.database === null ? environment : { ...environment, DATABASE_URL: this.database.url };
    const server = await startServer(this.peer, this.cores, given);
    if (this.database !== null) await seenBy(server); // what it takes to begin isn't counted
    const generators = loads.map(({ work, load }) =>
      startGenerator(this.load(load), this.peer.route(work), server, this.cores),
    );
    const memory = watchMemory(server.pid, MEMORY_LIMIT_BYTES, () => {
      for (const generator of generators) generator.stop();
    });
    try {
      const outcomes = await Promise.all(generators.map((generator) => outcomeOf(generator, server, memory)));
      if (this.database === null || server.ended() !== null) return outcomes;
      const seen = await seenBy(server);
      return outcomes.map((outcome) => ({ ...outcome, seen }));
    } finally {
      memory.stop();
      await server.stop();
    }
  }

  /** @param {import("./peers.mjs").Work} work @param {import("./generator.mjs").Load} load */
  runThroughOutage(work, load) {
    return runThroughOutage(this, work, this.load(load));
  }
}

/**
 * @param {import("./generator.mjs").Generator} generator
 * @param {import("./server-process.mjs").ServerProcess} server
 * @param {import("./memory-watch.mjs").MemoryWatch} memory
 * @returns {Promise<Outcome>}
 */
async function outcomeOf(generator, server, memory) {
  const { report, failure } = await generator.end;
  if (memory.exceededAfterSeconds !== null) {
    const after = memory.exceededAfterSeconds.toFixed(1);
    return {
      report: null,
      memory,
      stopped: `stopped after ${after} s, at ${MEMORY_LIMIT_BYTES / 1e9} GB`,
      failed: false,
    };
  }
  const ended = server.ended();
  if (ended !== null) return { report: null, memory, stopped: `the server ${ended}`, failed: true };
  return { report, memory, stopped: failure, failed: failure !== null };
}
