// uWebSockets.js: its PubSub example. `app.publish` reaches every subscriber, the sender too; `ws.publish` would skip it.
// A message is only valid until the first await, so an async handler copies it (as its documentation says).

import { setTimeout as sleep } from "node:timers/promises";
import uWS from "uwebsockets";
import { maxBufferedBytes, maxMessageBytes, port, slowHandlerMs } from "./settings.mjs";

const app = uWS.App();
const common = {
  compression: uWS.DISABLED,
  maxPayloadLength: maxMessageBytes,
  maxBackpressure: maxBufferedBytes, // 64 KiB unless set: messages above it are dropped
  idleTimeout: 120, // the default, in seconds
};

app.ws("/echo", {
  ...common,
  message: (socket, message, isBinary) => {
    socket.send(message, isBinary);
  },
});

app.ws("/group/:name", {
  ...common,
  upgrade: (response, request, context) => {
    response.upgrade(
      { group: request.getParameter(0) },
      request.getHeader("sec-websocket-key"),
      request.getHeader("sec-websocket-protocol"),
      request.getHeader("sec-websocket-extensions"),
      context,
    );
  },
  open: (socket) => {
    socket.subscribe(socket.getUserData().group);
  },
  message: (socket, message, isBinary) => {
    app.publish(socket.getUserData().group, message, isBinary);
  },
});

app.ws("/slow", {
  ...common,
  message: async (socket, message, isBinary) => {
    const copy = Buffer.from(message.slice(0));
    await sleep(slowHandlerMs);
    if (!socket.getUserData().closed) socket.send(copy, isBinary);
  },
  close: (socket) => {
    socket.getUserData().closed = true; // it may not be used from here on
  },
});

app.listen("127.0.0.1", port, (listening) => {
  if (!listening) throw new Error(`Port ${port} is taken.`);
  console.log("ready");
});
