import { type HttpRoute, jsonAnswer } from "./http-answer.ts";

/** What the health endpoint says. */
export interface Health {
  /** `draining` from the moment at which the server was told to close. */
  readonly status: "ok" | "draining";
  /** Connections that are open now. */
  readonly connections: number;
  /** The most that are taken. */
  readonly maxConnections: number;
  /** Since the server was started, in milliseconds. */
  readonly uptimeMs: number;
  /** Sluice's version. */
  readonly version: string;
}

/** `GET /health`: 200 while the server is fit for new connections, 503 while it drains, so that a load balancer looks elsewhere. */
export function healthRoute(read: () => Health): HttpRoute {
  return (path) => {
    if (path !== "/health") return undefined;
    const health = read();
    return jsonAnswer(health.status === "ok" ? 200 : 503, health);
  };
}
