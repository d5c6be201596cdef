import { connect } from "node:net";
import type { ByteStream, StreamReader } from "./byte-stream.ts";
import { DuplexStream } from "./duplex-stream.ts";
import { type DialTarget, HandleStream, sharedHandlePool } from "./handle-stream.ts";
import type { TransportChoice } from "./transport-choice.ts";

/** Who dials. */
export interface Dialer {
  readonly transport: TransportChoice;
  /** Told what happens on the stream; where the connection isn't made, that it is closed. */
  readonly reader: StreamReader;
  /** The connection is made: from now on it may be written to. */
  readonly onConnected: () => void;
}

/** Begins to connect by TCP. */
export function dial(target: DialTarget, { transport, reader, onConnected }: Dialer): ByteStream {
  const pool = transport === "portable" ? null : sharedHandlePool();
  if (pool !== null) return HandleStream.dial(target, pool, { reader, onConnected });
  const { address, port, localAddress } = target;
  const socket = connect({ host: address, port, ...(localAddress !== undefined && { localAddress }) });
  socket.once("connect", onConnected);
  const stream = new DuplexStream(socket);
  stream.open(reader);
  return stream;
}
