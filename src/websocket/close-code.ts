/**
 * Close codes (RFC 6455 §7.4.1 and the registry of §11.7). To a client, 1000 means "all is well";
 * 1002, 1003, 1007, 1008, 1009 and 1010 mean "stay away, the same would happen again"; 1001, 1011, 1012 and 1013 mean "come back,
 * after a while".
 */
export const CloseCode = {
  /** The purpose of the connection is fulfilled. */
  normal: 1000,
  /** The server is shutting down, or a page was left. */
  goingAway: 1001,
  /** The peer broke RFC 6455. */
  protocolError: 1002,
  /** The peer sent a type of data that can't be accepted. */
  unsupportedData: 1003,
  /** Never on the wire: the close frame had no code. */
  noStatus: 1005,
  /** Never on the wire: the connection was lost without a close frame. */
  abnormal: 1006,
  /** A text message that isn't UTF-8, or compressed data that can't be inflated. */
  invalidPayload: 1007,
  /** A limit or a rule of the server was broken. */
  policyViolation: 1008,
  /** A message larger than the server takes. */
  messageTooBig: 1009,
  /** A client needs an extension that the server didn't negotiate. */
  mandatoryExtension: 1010,
  /** The server failed: its handler threw. */
  internalError: 1011,
  /** The server restarts. */
  serviceRestart: 1012,
  /** The server sheds load: a slow consumer, or the memory budget. */
  tryAgainLater: 1013,
  /** Never on the wire: the TLS handshake failed. */
  tlsHandshake: 1015,
} as const;

/** One of {@link CloseCode}'s values. */
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

/** Whether a code may stand in a close frame (RFC 6455 §7.4.1, §7.4.2): 1000 to 1014 but for 1004 to 1006, and 3000 to 4999. */
export function isValidCloseCode(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
}
