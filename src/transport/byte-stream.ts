import type { Socket } from "node:net";

/**
 * An open connection as bytes. There are two: `HandleStream` on the TCP handle, and `DuplexStream` on any `Duplex`. What is
 * above them doesn't know which.
 */
export interface ByteStream {
  /** The peer's address, "" where there is none. */
  readonly remoteAddress: string;
  /** The peer's port, 0 where there is none. */
  readonly remotePort: number;
  /** Whether the bytes travel encrypted. */
  readonly encrypted: boolean;
  /** Bytes written that the kernel has not taken. */
  readonly pendingBytes: number;
  /** Names who is told what happens, and starts reading. May be called again, to hand the stream on. */
  open(reader: StreamReader): void;
  /** From now on reads may go into the process's one receive buffer, so that they allocate nothing. */
  shareReceiveBuffer(): void;
  /** Stops reading, so that TCP pushes back. */
  pause(): void;
  /** Reads again. */
  resume(): void;
  /**
   * Writes.
   *
   * @returns true if the kernel has taken all of it. Else the bytes must stay as they are until `onWritten`; what is written
   * before that waits behind them, and must stay until nothing is pending. A stream that is gone takes nothing, so that whoever
   * goes on sending until it is told finds an end.
   */
  write(bytes: Buffer): boolean;
  /** Writes several buffers as one; as {@link write} otherwise. */
  writeAll(chunks: Buffer[]): boolean;
  /** Says that nothing more will be written (TCP's FIN), once what is pending is. */
  end(): void;
  /** Drops the connection at once. */
  destroy(): void;
  /** Drops the connection at once, with a reset where there is such a thing: no port is left waiting for late packets. */
  reset(): void;
  /** Turns into an ordinary socket that reads the given bytes first: for what turns out not to be a WebSocket. */
  toSocket(read: Buffer): Socket;
}

/** Who is told what happens on a stream. */
export interface StreamReader {
  /** Bytes have come. They may be changed, and are only valid during the call. */
  onBytes(chunk: Buffer, start: number, end: number): void;
  /** A write that returned false is done. */
  onWritten(): void;
  /** The peer will send no more. */
  onEnd(): void;
  /**
   * The stream is gone. Once, and the last of all.
   *
   * @param error The system's name for what it failed of, such as `ECONNRESET`; undefined if it was ended or destroyed.
   */
  onClosed(error?: string): void;
}
