export { CloseCode, isValidCloseCode } from "./close-code.ts";
export {
  Deflater,
  type InflateResult,
  Inflater,
} from "./deflate-codec.ts";
export type { ExtensionOffer } from "./extension-header.ts";
export { type DecoderLimits, FrameDecoder, type FrameSink } from "./frame-decoder.ts";
export {
  BINARY_FRAME,
  closePayload,
  encodeClose,
  encodeFrame,
  frameHeaderBytes,
  MAX_HEADER_BYTES,
  maxTextFrameBytes,
  TEXT_FRAME,
  writeBinaryFrame,
  writeFrameHeader,
  writeTextFrame,
} from "./frame-encoder.ts";
export { FIN, Opcode, RSV1 } from "./opcode.ts";
export { type DeflateParams, negotiateDeflate } from "./permessage-deflate.ts";
export { encodeRefusal, type Refusal } from "./refusal.ts";
export { type HeadLimits, parseRequestHead, type RequestHead } from "./request-head.ts";
export { isSubprotocol } from "./subprotocol-header.ts";
export { encodeUpgradeRequest, parseUpgradeResponse } from "./upgrade-client.ts";
export type { UpgradeRequest } from "./upgrade-request.ts";
export { acceptKey, encodeUpgradeResponse } from "./upgrade-response.ts";
export { isUpgradeRequest, validateUpgrade } from "./upgrade-validation.ts";
export { isValidUtf8 } from "./utf8-validator.ts";
