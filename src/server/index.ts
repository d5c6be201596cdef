export type { CloseOptions, CloseResult } from "./drain.ts";
export type { ConnectionGroup } from "./group-registry.ts";
export type {
  Authenticate,
  ConnectionSettings,
  HandshakeRequest,
  Origins,
  RouteCallbacks,
  RouteOptions,
  RouteSettings,
  ServerLimits,
  ServerOptions,
  Subprotocols,
} from "./options.ts";
export { HandshakeRefusal, refuse } from "./refuse.ts";
export { createServer, route, serve } from "./serve.ts";
export type { Connections, EffectiveLimits, Server, Stats } from "./server.ts";
