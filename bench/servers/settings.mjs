// What every server is given, so that no row is decided by a default.

/** The port to listen on, on 127.0.0.1. */
export const port = Number(process.env.PORT);

/** The largest message taken, in bytes: over 1 MiB, which one row sends. */
export const maxMessageBytes = 2 * 1024 * 1024;

/** What may wait for one peer that doesn't read, in bytes, where the server knows such a limit. */
export const maxBufferedBytes = Number(process.env.MAX_BUFFERED_BYTES ?? 4 * 1024 * 1024);

/** What may wait for all peers together, in bytes, where the server knows such a limit. */
export const memoryBudgetBytes = 256 * 1024 * 1024;

/** How long the handler of /slow takes for a message, in milliseconds. */
export const slowHandlerMs = 50;
