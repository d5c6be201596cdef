/** What a frame carries (RFC 6455 §5.2, §11.8). */
export const Opcode = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

/** One of {@link Opcode}'s values. */
export type Opcode = (typeof Opcode)[keyof typeof Opcode];

/** The FIN bit of a frame's first byte: the last fragment of its message (RFC 6455 §5.2). */
export const FIN = 0x80;

/** The RSV1 bit of a frame's first byte: "per-message compressed" (RFC 7692 §6). */
export const RSV1 = 0x40;
