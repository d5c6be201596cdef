import { createServer } from "node:net";
import { findBinding, listeningHandleOf } from "../../../src/transport/handle-binding.ts";
import { HandlePool, HandleStream } from "../../../src/transport/handle-stream.ts";
import { portOf } from "../../support/port-of.ts";
import { streamContract } from "../../support/stream-contract.ts";

const binding = findBinding();
if (binding === undefined) throw new Error("this Node has no handles for the fast stream");
const pool = new HandlePool(binding);

streamContract("HandleStream", async () => {
  const server = createServer();
  const port = await portOf(server);
  const streams: HandleStream[] = [];
  const waiting: ((stream: HandleStream) => void)[] = [];
  const listening = listeningHandleOf(server, pool.binding);
  if (listening === undefined) throw new Error("no handle");
  listening.onconnection = (_status, handle) => {
    if (handle === undefined) return;
    const stream = new HandleStream(handle, pool);
    const next = waiting.shift();
    if (next === undefined) streams.push(stream);
    else next(stream);
  };
  return {
    port,
    next: () =>
      new Promise((resolve) => {
        const stream = streams.shift();
        if (stream === undefined) waiting.push(resolve);
        else resolve(stream);
      }),
    close: () => void server.close(),
  };
});
