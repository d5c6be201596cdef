import { type HttpRoute, textAnswer } from "./http-answer.ts";

/** Answers a plain request for a path that is a WebSocket: 426, and which protocol to come with (RFC 9110 §15.5.22). */
export function webSocketRoute(isWebSocket: (path: string) => boolean): HttpRoute {
  return (path) =>
    isWebSocket(path)
      ? textAnswer(426, "This is a WebSocket: connect with ws:// or wss://.", {
          Connection: "Upgrade",
          Upgrade: "websocket",
          "Sec-WebSocket-Version": "13",
        })
      : undefined;
}
