import type { Place } from "./connection.ts";
import type { WorkerPlan } from "./worker-messages.ts";

/** What decides who is where. */
export type Placing = Pick<WorkerPlan, "process" | "processes"> & {
  readonly options: Pick<WorkerPlan["options"], "connections" | "groups" | "slow">;
};

/** The n-th connection of a process. Groups whose number is a multiple of that of the processes aren't split. */
export function placeOf({ process, processes, options }: Placing, count: number): Place {
  const index = process + count * processes;
  return { index, group: index % options.groups, isSlow: index < options.slow };
}

/** How many connections a process has. */
export function countPlaces({ process, processes, options }: Placing): number {
  return Math.ceil((options.connections - process) / processes);
}

/** All connections of a process. */
export function* placesOf(placing: Placing): Generator<Place> {
  const count = countPlaces(placing);
  for (let position = 0; position < count; position++) yield placeOf(placing, position);
}
