import assert from "node:assert/strict";
import { test } from "node:test";
import { countPlaces, type Placing, placeOf, placesOf } from "../../../../src/cli/bench/places.ts";

const options = { connections: 10, groups: 4, slow: 3 };

function placing(process: number, processes: number): Placing {
  return { process, processes, options };
}

test("each connection is in one process", () => {
  const indices = [0, 1, 2].flatMap((process) =>
    [...placesOf(placing(process, 3))].map(({ index }) => index),
  );
  assert.deepEqual(
    indices.toSorted((a, b) => a - b),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
  assert.deepEqual(
    [0, 1, 2].map((process) => countPlaces(placing(process, 3))),
    [4, 3, 3],
  );
});

test("groups go round, and the first connections are the slow ones", () => {
  const places = [...placesOf(placing(0, 1))];
  assert.deepEqual(
    places.map(({ group }) => group),
    [0, 1, 2, 3, 0, 1, 2, 3, 0, 1],
  );
  assert.deepEqual(
    places.filter(({ isSlow }) => isSlow).map(({ index }) => index),
    [0, 1, 2],
  );
});

test("a group isn't split if the processes divide the groups", () => {
  for (const process of [0, 1]) {
    for (const { group } of placesOf(placing(process, 2))) assert.equal(group % 2, process);
  }
});

test("places go on beyond the number of connections, for those that open them over and over", () => {
  assert.deepEqual(placeOf(placing(1, 3), 100), { index: 301, group: 1, isSlow: false });
});
