export { addBenchCommand } from "./command.ts";
export type { BenchMode, BenchOptions } from "./options.ts";
export type { BenchResult } from "./result.ts";
export { type BenchControl, runBench } from "./run-bench.ts";
