// The resident memory of a process over time, and a stop when it takes too much.

import { readFileSync } from "node:fs";

const SAMPLE_EVERY_MS = 100;

/** Bytes of resident memory; null if the process is gone, or /proc isn't there. @param {number} pid */
export function residentBytes(pid) {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}

/**
 * @typedef {object} MemoryWatch
 * @property {number | null} firstBytes
 * @property {number} peakBytes
 * @property {number | null} exceededAfterSeconds When the limit was passed.
 * @property {{ seconds: number, bytes: number }[]} samples
 * @property {() => void} stop
 */

/**
 * @param {number} pid
 * @param {number} limitBytes
 * @param {() => void} onExceeded
 * @returns {MemoryWatch}
 */
export function watchMemory(pid, limitBytes, onExceeded) {
  const startedAt = performance.now();
  const firstBytes = residentBytes(pid);
  /** @type {MemoryWatch} */
  const watch = { firstBytes, peakBytes: firstBytes ?? 0, exceededAfterSeconds: null, samples: [], stop };
  const timer = setInterval(sample, SAMPLE_EVERY_MS);
  function sample() {
    const bytes = residentBytes(pid);
    if (bytes === null) return;
    const seconds = (performance.now() - startedAt) / 1000;
    watch.samples.push({ seconds, bytes });
    watch.peakBytes = Math.max(watch.peakBytes, bytes);
    if (bytes <= limitBytes || watch.exceededAfterSeconds !== null) return;
    watch.exceededAfterSeconds = seconds;
    onExceeded();
  }
  function stop() {
    sample();
    clearInterval(timer);
  }
  return watch;
}
