// The same feed under three policies for those who read too slowly: npx tsx examples/slow-consumers.ts
//
// A client that stops reading can be seen in the output: npx sluice connect ws://localhost:8765/latest, then Ctrl-Z.

import { type Callbacks, createServer } from "sluice";

const PAYLOAD = "x".repeat(32 * 1024);
const marks = { highWaterBytes: 256 * 1024, lowWaterBytes: 64 * 1024, maxBufferedBytes: 512 * 1024 };

const subscriber: Callbacks = {
  open: (socket) => server.group("feed").add(socket),
  drop: (socket, { messages, bytes }) =>
    console.log(`${socket.request.path}: dropped ${messages} (${bytes} bytes)`),
  close: (socket, code, reason) => console.log(`${socket.request.path}: closed with ${code} ${reason}`),
};

const server = createServer({
  routes: {
    // The newest of each key waits for it; what it missed in between is gone.
    "/latest": { handler: subscriber, sendBuffer: { ...marks, slowConsumer: "latest" } },
    // The last 256 KiB wait for it.
    "/newest": { handler: subscriber, sendBuffer: { ...marks, slowConsumer: "dropOldest" } },
    // It is closed with 1013, and may come back.
    "/all-or-nothing": { handler: subscriber, sendBuffer: { ...marks, slowConsumer: "close" } },
  },
});

let sequence = 0;
const feed = setInterval(() => {
  const key = `key ${++sequence % 3}`;
  server.group("feed").send(`${sequence} ${key} ${PAYLOAD}`, { key });
}, 5);

await server.listen(Number(process.env["PORT"] ?? 8765));
console.log(`Listening on ${server.url}`);

process.once("SIGINT", () => {
  clearInterval(feed);
  void server.close();
});
