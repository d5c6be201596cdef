import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { turns } from "./wait-for.ts";

let collect: (() => void) | undefined;

/** Collects garbage, so that what memory is used is what is held. */
export async function collectGarbage(): Promise<void> {
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  // What an array buffer held is given back in a later turn than the one that finds it unused.
  for (let round = 0; round < 3; round++) {
    collect();
    await turns(2);
  }
}
