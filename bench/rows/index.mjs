// The rows in the order of the table.

import { echoLarge, echoMedium, echoOne, echoSixteen } from "./echo.mjs";
import { fanoutThousand } from "./fanout.mjs";
import { flood } from "./flood.mjs";
import { handshakes } from "./handshakes.mjs";
import { idle } from "./idle.mjs";
import { overload } from "./overload.mjs";
import { besideRows, insertRow, loadOnceRow, outageRows, queryRows } from "./pools.mjs";
import { rateHigh, rateLow } from "./rate.mjs";
import { slowConsumers } from "./slow-consumers.mjs";

/** @type {import("./row.mjs").Row[]} */
export const rows = [
  echoOne,
  echoSixteen,
  echoMedium,
  echoLarge,
  fanoutThousand,
  rateLow,
  rateHigh,
  idle,
  handshakes,
  overload,
  flood,
  slowConsumers,
  ...queryRows,
  ...besideRows,
  insertRow,
  loadOnceRow,
  ...outageRows,
];
