/** zlib's own least. */
const MIN_CHUNK_BYTES = 64;
const MAX_CHUNK_BYTES = 65_536;
/** Smaller pieces are parts of Node's pool, in every version of it, and cost no memory of their own. */
const UNPOOLED_BYTES = 4096;

/** The size of the pieces that zlib's output is gathered in, for a message that may well take so many bytes. */
export function chunkBytes(expectedBytes: number): number {
  return Math.min(Math.max(expectedBytes, MIN_CHUNK_BYTES), MAX_CHUNK_BYTES);
}

/**
 * zlib's output is a view of the piece that it was written to. Copies it if it would keep alive much more than itself.
 *
 * @param chunkSize The size of that piece.
 */
export function ownBytes(output: Buffer, chunkSize: number): Buffer {
  return chunkSize >= UNPOOLED_BYTES && output.length * 2 < chunkSize ? Buffer.from(output) : output;
}
