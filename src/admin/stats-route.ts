import { type HttpRoute, jsonAnswer } from "./http-answer.ts";

/** `GET /stats`: the server's counters, as they are at this moment. */
export function statsRoute(read: () => object): HttpRoute {
  return (path) => (path === "/stats" ? jsonAnswer(200, read()) : undefined);
}
