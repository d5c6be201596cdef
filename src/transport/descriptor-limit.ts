import { readFileSync } from "node:fs";

const ASSUMED_LIMIT = 1024;
const MIN_RESERVE = 32;
const MAX_RESERVE = 1024;
const RESERVE_SHARE = 0.05;

/** How many files this process may have open. */
export function descriptorLimit(): number {
  try {
    const limits = readFileSync("/proc/self/limits", "latin1");
    const soft = /^Max open files +(\d+|unlimited)/m.exec(limits)?.[1];
    if (soft === "unlimited") return Number.MAX_SAFE_INTEGER;
    return soft === undefined ? ASSUMED_LIMIT : Number(soft);
  } catch {
    return reportedLimit();
  }
}

// Where there is no /proc.
function reportedLimit(): number {
  const report = process.report?.getReport() as
    | { userLimits?: { open_files?: { soft?: unknown } } }
    | undefined;
  const soft = report?.userLimits?.open_files?.soft;
  if (soft === "unlimited") return Number.MAX_SAFE_INTEGER;
  return typeof soft === "number" ? soft : ASSUMED_LIMIT;
}

/** How many connections fit into a limit, with some descriptors left for files, databases and refusals. */
export function connectionsWithin(limit: number): number {
  const reserve = Math.min(Math.max(Math.ceil(limit * RESERVE_SHARE), MIN_RESERVE), MAX_RESERVE);
  return Math.max(limit - reserve, 1);
}
