import { channels } from "../diagnostics/index.ts";
import type { Connection } from "./connection-api.ts";

// Each costs one look at a flag where nobody listens.

/** A handshake was completed. */
export function publishOpen(connection: Connection): void {
  if (channels.connectionOpen.hasSubscribers) channels.connectionOpen.publish({ connection });
}

/** A connection is gone. */
export function publishClose(connection: Connection, code: number, reason: string): void {
  if (channels.connectionClose.hasSubscribers) channels.connectionClose.publish({ connection, code, reason });
}

/** A peer broke the protocol or a limit. */
export function publishViolation(connection: Connection, code: number, reason: string): void {
  if (channels.connectionViolation.hasSubscribers)
    channels.connectionViolation.publish({ connection, code, reason });
}

/** The user's code threw or rejected. */
export function publishHandlerError(connection: Connection, error: unknown): void {
  if (channels.handlerError.hasSubscribers) channels.handlerError.publish({ connection, error });
}

/** A connection was cut to stay within the memory budget. */
export function publishShed(connection: Connection, bytes: number): void {
  if (channels.budgetShed.hasSubscribers) channels.budgetShed.publish({ connection, bytes });
}
