// What the rows take from a report. A figure is a number, null where there is none.

/**
 * @typedef {Record<string, number | string | null>} Figures
 * @param {import("./trial.mjs").Outcome} outcome
 * @returns {Figures}
 */
export function figuresOf({ report, memory, stopped, failed }) {
  const grown = memory.firstBytes === null ? null : memory.peakBytes - memory.firstBytes;
  if (report === null) {
    return { peakBytes: memory.peakBytes, grownBytes: grown, note: stopped, failed: failed ? 1 : null };
  }
  const { server, latencyMs, connections, rates, generator, expected } = report;
  return {
    rate: rates.receivedPerSecond,
    sentRate: rates.sentPerSecond,
    cpuMicros: server?.cpuMicrosPerMessage ?? null,
    p50: latencyMs?.p50 ?? null,
    p99: latencyMs?.p99 ?? null,
    max: latencyMs?.max ?? null,
    delivered: expected ? report.received / expected : null,
    closed: connections.closed,
    refused: connections.refused,
    peakBytes: memory.peakBytes,
    grownBytes: grown,
    // How much of its cores' time the load generator took: at 1 a core it may be what is measured.
    generatorLoad: generator.cpuSeconds / report.seconds,
    note: stopped ?? reasonsOf(report),
  };
}

/** Why connections were refused or cut; null if none was. @param {import("./generator.mjs").Report} report */
function reasonsOf({ reasons = {} }) {
  const each = Object.entries(reasons).map(([reason, count]) => `${count} ${reason}`);
  return each.length === 0 ? null : each.join(", ");
}
