import { type HttpRoute, jsonAnswer } from "./http-answer.ts";

/** How a database, a cache or the like is. */
export interface ResourceReport {
  readonly name: string;
  readonly status: "up" | "down" | "closed";
  /** Why it is down. */
  readonly reason?: string;
}

/** What the health endpoint says. */
export interface Health {
  /**
   * `degraded` while a resource is down that the server can do without, `unavailable` while one is that it can't, `draining` from the
   * moment at which it was told to close.
   */
  readonly status: "ok" | "degraded" | "unavailable" | "draining";
  /** How the server's resources are. */
  readonly resources: readonly ResourceReport[];
  /** Connections that are open now. */
  readonly connections: number;
  /** The most that are taken. */
  readonly maxConnections: number;
  /** Since the server was started, in milliseconds. */
  readonly uptimeMs: number;
  /** Sluice's version. */
  readonly version: string;
}

/**
 * `GET /health`: 200 while the server is fit for new connections, which it is when degraded, too; else 503, so that a load balancer
 * looks elsewhere.
 */
export function healthRoute(read: () => Health): HttpRoute {
  return (path) => {
    if (path !== "/health") return undefined;
    const health = read();
    const isFit = health.status === "ok" || health.status === "degraded";
    return jsonAnswer(isFit ? 200 : 503, health);
  };
}
