import type { IncomingMessage, ServerResponse } from "node:http";
import { type HttpRoute, sendAnswer, textAnswer } from "./http-answer.ts";

/** What `createServer` takes as `http`. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Makes one handler of several routes: the first that knows the path answers. What nobody knows is 404, and anything but GET
 * and HEAD is 405, whatever the path.
 */
export function httpRouter(routes: readonly HttpRoute[]): HttpHandler {
  return (request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      sendAnswer(
        request,
        response,
        textAnswer(405, "Only GET and HEAD are answered here.", { Allow: "GET, HEAD" }),
      );
      return;
    }
    const path = pathOf(request.url ?? "/");
    for (const route of routes) {
      const answer = route(path, request);
      if (answer !== undefined) return sendAnswer(request, response, answer);
    }
    sendAnswer(request, response, textAnswer(404, "There is nothing at this path. The page is at /."));
  };
}

/** The path of a request target: origin-form, or absolute-form as proxies send it (RFC 9112 §3.2). */
function pathOf(target: string): string {
  let path = target;
  if (!path.startsWith("/")) {
    const authority = path.indexOf("://");
    const slash = authority < 0 ? -1 : path.indexOf("/", authority + 3);
    path = slash < 0 ? "/" : path.slice(slash);
  }
  const query = path.indexOf("?");
  return query < 0 ? path : path.slice(0, query);
}
