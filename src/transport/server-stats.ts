/** Why connections were refused, by name. */
export type RefusalCause =
  | "connections"
  | "address"
  | "handshakeTimeout"
  | "malformed"
  | "origin"
  | "host"
  | "notFound"
  | "authentication"
  | "closing";

/** Counters since the server was made, and gauges of this moment. All of them are plain numbers, read at no cost. */
export interface ServerStats {
  /** Connections that are open now. */
  connections: number;
  /** Handshakes in progress now. */
  handshakes: number;
  /** Connections opened. */
  opened: number;
  /** Requests to open that were refused, by cause. */
  refused: Record<RefusalCause, number>;
  /** Connections closed, by close code. */
  closed: Record<string, number>;
  /** Messages received. */
  messagesIn: number;
  /** Messages sent, each member of a group counted. */
  messagesOut: number;
  /** Bytes received after the handshake. */
  bytesIn: number;
  /** Messages dropped by slow-consumer policies. */
  droppedMessages: number;
  /** Bytes of those. */
  droppedBytes: number;
  /** Connections closed by slow-consumer policies. */
  slowConsumersClosed: number;
  /** Connections dropped because they didn't answer a ping. */
  pongTimeouts: number;
  /** Connections that broke the protocol or a limit, by close code. */
  violations: Record<string, number>;
  /** Handlers that threw. */
  handlerErrors: number;
}

/** Counters at zero. */
export function emptyStats(): ServerStats {
  return {
    connections: 0,
    handshakes: 0,
    opened: 0,
    refused: {
      connections: 0,
      address: 0,
      handshakeTimeout: 0,
      malformed: 0,
      origin: 0,
      host: 0,
      notFound: 0,
      authentication: 0,
      closing: 0,
    },
    closed: {},
    messagesIn: 0,
    messagesOut: 0,
    bytesIn: 0,
    droppedMessages: 0,
    droppedBytes: 0,
    slowConsumersClosed: 0,
    pongTimeouts: 0,
    violations: {},
    handlerErrors: 0,
  };
}

/** Counts one more under a name. */
export function count(counters: Record<string, number>, name: string | number): void {
  counters[name] = (counters[name] ?? 0) + 1;
}
