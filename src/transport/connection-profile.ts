import type { DecoderLimits } from "../websocket/index.ts";
import type { Callbacks } from "./callbacks.ts";
import type { Connection } from "./connection-api.ts";
import type { ConnectionOptions } from "./connection-options.ts";

/** What runs for each connection. When it returns, the connection closes with 1000; when it throws, with 1011. */
export type Handler<Data = unknown> = (socket: Connection<Data>) => unknown;

/** What all connections of a route have in common. */
export interface ConnectionProfile {
  readonly options: ConnectionOptions;
  readonly handler: Handler | Callbacks;
  /** What the decoder takes without compression. */
  readonly plainLimits: DecoderLimits;
  /** What it takes where compression was negotiated. */
  readonly compressedLimits: DecoderLimits;
}

/** Makes the profile of a route. */
export function connectionProfile(
  handler: Handler | Callbacks,
  options: ConnectionOptions,
): ConnectionProfile {
  const { maxMessageBytes, maxFragments } = options;
  const limits = { role: "server", maxMessageBytes, maxFragments } as const;
  return Object.freeze({
    options,
    handler,
    plainLimits: Object.freeze({ ...limits, compression: false }),
    compressedLimits: Object.freeze({ ...limits, compression: true }),
  });
}
