import { startGenerator } from "./generator.mjs";
import { watchMemory } from "./memory-watch.mjs";
import { scaled } from "./scale.mjs";
import { startServer } from "./server-process.mjs";

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
 */

/** One peer's turn in a round of a row. */
export class Trial {
  /** @param {{ peer: import("./peers.mjs").Peer, scale: import("./scale.mjs").Scale, cores: import("./cores.mjs").Cores | null }} setting */
  constructor({ peer, scale, cores }) {
    this.peer = peer;
    this.scale = scale;
    this.cores = cores;
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
    const server = await startServer(this.peer, this.cores, environment);
    const generator = startGenerator(this.load(load), this.peer.route(work), server, this.cores);
    const memory = watchMemory(server.pid, MEMORY_LIMIT_BYTES, () => generator.stop());
    try {
      return await outcomeOf(generator, server, memory);
    } finally {
      memory.stop();
      await server.stop();
    }
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
