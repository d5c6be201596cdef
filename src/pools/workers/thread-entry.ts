// What runs in each thread: loads the module once, and calls its functions.

import { workerData } from "node:worker_threads";
import { move, transferableSymbol, valueSymbol } from "piscina";
import { giveWay } from "./give-way.ts";
import type { Job, Outcome, ThreadData } from "./job.ts";
import { takeApart } from "./remote-error.ts";
import { type TransferItem, transferred } from "./transfer.ts";

type Loaded =
  | { readonly module: Readonly<Record<string, unknown>> }
  | { readonly failure: Extract<Outcome, { kind: "missing" }> };

const { file, niceness } = workerData as ThreadData;
giveWay(niceness);
// Awaited here, so that a thread counts as started when its module has been loaded.
const loaded = await load(file);

/** Does a job; whatever becomes of it is an outcome. */
export async function runJob({ name, args }: Job): Promise<Outcome> {
  if ("failure" in loaded) return loaded.failure;
  if (name === null) return { kind: "returned", value: undefined };
  const run = Object.hasOwn(loaded.module, name) ? loaded.module[name] : undefined;
  if (typeof run !== "function") return { kind: "no function" };
  let result: unknown;
  try {
    result = await run(...args);
  } catch (error) {
    return { kind: "threw", error: takeApart(error) };
  }
  return returned(result);
}

async function load(file: string): Promise<Loaded> {
  try {
    return { module: (await import(file)) as Readonly<Record<string, unknown>> };
  } catch (error) {
    return { failure: { kind: "missing", error: takeApart(error) } };
  }
}

function returned(result: unknown): Outcome {
  try {
    const marked = transferred(result);
    if (marked !== undefined) return moving({ kind: "returned", value: marked.value }, marked.list);
    // What can't be sent would end the thread, when it is too late to tell why.
    if (typeof result === "object" && !ArrayBuffer.isView(result)) structuredClone(result);
    else if (typeof result === "function" || typeof result === "symbol") structuredClone(result);
  } catch (error) {
    return { kind: "not sendable", error: takeApart(error) };
  }
  return { kind: "returned", value: result };
}

// As Piscina wants it said.
function moving(outcome: Outcome, list: readonly TransferItem[]): Outcome {
  const marked = { [transferableSymbol]: [...list], [valueSymbol]: outcome };
  return move(marked as unknown as Parameters<typeof move>[0]) as unknown as Outcome;
}
