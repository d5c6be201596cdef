/** A frame as a server sends it, unmasked. */
export function serverFrame(firstByte: number, payload: string | Buffer): Buffer {
  const bytes = Buffer.from(payload as string);
  const { length } = bytes;
  if (length < 126) return Buffer.concat([Buffer.from([firstByte, length]), bytes]);
  const header = Buffer.alloc(length < 65_536 ? 4 : 10);
  header[0] = firstByte;
  if (length < 65_536) {
    header[1] = 126;
    header.writeUInt16BE(length, 2);
  } else {
    header[1] = 127;
    header.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([header, bytes]);
}

/** Cuts bytes into chunks of these sizes, over and over. */
export function chunksOf(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? bytes.length;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}
