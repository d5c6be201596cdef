import { type Channel, channel } from "node:diagnostics_channel";

/**
 * Everything that can be listened to, by `subscribe(name, listener)` of `node:diagnostics_channel`. Publish only where
 * `hasSubscribers` says so, and build the message after asking, so that nobody listening costs nothing.
 */
export interface Channels {
  /** `sluice.connection.open`: a handshake was completed. `{ connection }` */
  readonly connectionOpen: Channel;
  /** `sluice.connection.close`: a connection is gone, however it ended. `{ connection, code, reason }` */
  readonly connectionClose: Channel;
  /** `sluice.connection.drop`: a message was not sent because its consumer was too slow. `{ connection, drop }` */
  readonly connectionDrop: Channel;
  /** `sluice.connection.violation`: a peer broke the protocol or a limit. `{ connection, code, reason }` */
  readonly connectionViolation: Channel;
  /** `sluice.handshake.refused`: a request to open was refused. `{ status, message, cause, remoteAddress }` */
  readonly handshakeRefused: Channel;
  /** `sluice.handler.error`: the user's code threw or rejected. `{ connection, error }` */
  readonly handlerError: Channel;
  /** `sluice.flush`: send buffers were written out. `{ windowMs }` */
  readonly flush: Channel;
  /** `sluice.budget.shed`: a slow connection was cut to stay within the budget for buffered bytes. `{ connection, bytes }` */
  readonly budgetShed: Channel;
  /** `sluice.server.listening`: a server has begun to listen. `{ server, addresses }` */
  readonly serverListening: Channel;
  /** `sluice.server.closing`: a server has begun to close. `{ server, drainMs, spreadMs }` */
  readonly serverClosing: Channel;
  /** `sluice.pool.connect`: a pool made a connection or started a thread. `{ pool, durationMs }` */
  readonly poolConnect: Channel;
  /** `sluice.pool.disconnect`: a connection or a thread of a pool is gone. `{ pool, reason }` */
  readonly poolDisconnect: Channel;
  /** `sluice.pool.query`: a piece of work of a pool has ended. `{ pool, statement, waitedMs, durationMs, error }` */
  readonly poolQuery: Channel;
  /** `sluice.pool.refused`: a pool took a caller's work no more: it is full, too slow, closed, or its server is down. `{ pool, code }` */
  readonly poolRefused: Channel;
  /** `sluice.pool.breaker`: a pool's circuit breaker changed. `{ pool, state, reason }` */
  readonly poolBreaker: Channel;
  /** `sluice.cache.load`: a cache had a value loaded. `{ cache, key, durationMs, error }` */
  readonly cacheLoad: Channel;
}

/** The channels themselves. */
export const channels: Channels = Object.freeze({
  connectionOpen: channel("sluice.connection.open"),
  connectionClose: channel("sluice.connection.close"),
  connectionDrop: channel("sluice.connection.drop"),
  connectionViolation: channel("sluice.connection.violation"),
  handshakeRefused: channel("sluice.handshake.refused"),
  handlerError: channel("sluice.handler.error"),
  flush: channel("sluice.flush"),
  budgetShed: channel("sluice.budget.shed"),
  serverListening: channel("sluice.server.listening"),
  serverClosing: channel("sluice.server.closing"),
  poolConnect: channel("sluice.pool.connect"),
  poolDisconnect: channel("sluice.pool.disconnect"),
  poolQuery: channel("sluice.pool.query"),
  poolRefused: channel("sluice.pool.refused"),
  poolBreaker: channel("sluice.pool.breaker"),
  cacheLoad: channel("sluice.cache.load"),
});
