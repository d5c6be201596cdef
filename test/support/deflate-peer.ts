import { constants, createDeflateRaw, createInflateRaw, type DeflateRaw, type InflateRaw } from "node:zlib";
import type { DeflateParams } from "../../src/websocket/permessage-deflate.ts";

const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);

/**
 * A client that compresses as most do: with zlib's streams, which live as long as the connection. What it says has to be
 * understood by a server that keeps nothing but a window, and the other way round.
 */
export class StreamingPeer {
  readonly #deflate: DeflateRaw;
  readonly #inflate: InflateRaw;
  readonly #params: DeflateParams;

  constructor(params: DeflateParams) {
    this.#params = params;
    this.#deflate = createDeflateRaw({ windowBits: params.clientMaxWindowBits });
    this.#inflate = createInflateRaw({ windowBits: params.serverMaxWindowBits });
  }

  async deflate(message: Buffer): Promise<Buffer> {
    // A stream that has just been flushed says nothing if it is flushed again; RFC 7692 §7.2.3.6.
    if (message.length === 0) return Buffer.of(0);
    if (this.#params.clientNoContextTakeover) this.#deflate.reset();
    const compressed = await through(this.#deflate, message);
    return compressed.subarray(0, compressed.length - TAIL.length);
  }

  async inflate(payload: Buffer): Promise<Buffer> {
    if (this.#params.serverNoContextTakeover) this.#inflate.reset();
    return through(this.#inflate, Buffer.concat([payload, TAIL]));
  }

  close(): void {
    this.#deflate.close();
    this.#inflate.close();
  }
}

async function through(stream: DeflateRaw | InflateRaw, input: Buffer): Promise<Buffer> {
  const output: Buffer[] = [];
  const take = (chunk: Buffer): void => {
    output.push(chunk);
  };
  stream.on("data", take);
  stream.write(input);
  await new Promise<void>((resolve, reject) => {
    stream.once("error", reject);
    stream.flush(constants.Z_SYNC_FLUSH, () => {
      stream.off("error", reject);
      resolve();
    });
  });
  stream.off("data", take);
  return Buffer.concat(output);
}
