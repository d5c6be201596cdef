// permessage-deflate's two directions (RFC 7692 §7.2), as the rest of the room and those above know them.
export { Deflater } from "./deflater.ts";
export { type InflateResult, Inflater } from "./inflater.ts";
