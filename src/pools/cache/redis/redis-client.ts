import type { ConnectionOptions } from "node:tls";
import { driverMissing } from "../../driver-missing.ts";
import type { ResolvedCacheOptions } from "../cache-options.ts";
import type { RedisTarget } from "./redis-url.ts";

/** What a command is made of. */
export type RedisArguments = readonly (string | Buffer)[];

/** What is used of the driver's client. */
export interface RedisClient {
  connect(): Promise<unknown>;
  /** Sent at the end of the loop's turn, with all others of this turn. Bulk strings come back as buffers. */
  sendCommand(args: RedisArguments): Promise<unknown>;
  subscribe(channel: string, listener: () => void): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  on(event: "error" | "terminated", listener: (cause: unknown) => void): unknown;
  /** Ends it at once; what is under way rejects. */
  destroy(): void;
  /** Ends it once all replies have come. */
  close(): Promise<unknown>;
}

/** What a leaf needs of the driver. */
export interface RedisDriver {
  /** A client that hasn't connected yet, and doesn't connect again by itself. */
  create(): RedisClient;
  /** Whether the server said so. */
  isReply(error: unknown): boolean;
}

/** Loads the driver. @throws SLUICE_DRIVER_MISSING */
export async function loadRedisDriver(
  target: RedisTarget,
  options: ResolvedCacheOptions,
): Promise<RedisDriver> {
  const { createClient, ErrorReply, RESP_TYPES } = await load(target);
  const { host, port, username, password, database } = target;
  return {
    create: () =>
      createClient({
        // Understood by every version and every kind of server.
        RESP: 2,
        socket: {
          host,
          port,
          connectTimeout: options.connectTimeoutMs,
          // When to try again is the breaker's to say.
          reconnectStrategy: false,
          ...(target.isTls
            ? { ...tlsOptions(target, options.tls), tls: true as const }
            : { tls: false as const }),
        },
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password }),
        ...(database === 0 ? {} : { database }),
        disableOfflineQueue: true,
        maintNotifications: "disabled",
        disableClientInfo: true,
        // Deadlines are kept by the connection: the driver's own end when a command is written.
        commandOptions: { timeout: 0, typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
      }) as unknown as RedisClient,
    isReply: (error) => error instanceof ErrorReply,
  };
}

// Names of hosts are told in the handshake; addresses may not be.
function tlsOptions({ host }: RedisTarget, given: ConnectionOptions | undefined): ConnectionOptions {
  return { ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }), ...given };
}

async function load(target: RedisTarget): Promise<typeof import("@redis/client")> {
  try {
    return await import("@redis/client");
  } catch (error) {
    throw driverMissing(target.isTls ? "rediss:" : "redis:", "@redis/client", error);
  }
}
