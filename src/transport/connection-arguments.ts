import { SluiceError } from "../errors/index.ts";
import { isValidCloseCode } from "../websocket/index.ts";

const MAX_REASON_BYTES = 123;
const MAX_PING_BYTES = 125;

/** Checks what is to be sent. */
export function checkMessage(message: unknown): void {
  if (typeof message !== "string" && !(message instanceof Uint8Array)) throw invalidMessage(message);
}

/** The error for a message that is neither a string nor a Uint8Array: no other memory is ever sent. */
export function invalidMessage(message: unknown): SluiceError {
  return new SluiceError("SLUICE_INVALID_MESSAGE", { actual: describe(message) });
}

/** Checks the arguments of `close` (RFC 6455 §5.5, §7.4). */
export function checkClose(code: unknown, reason: unknown): void {
  if (typeof code !== "number" || !isValidCloseCode(code)) {
    throw new SluiceError("SLUICE_INVALID_CLOSE_CODE", {
      actual: typeof code === "number" ? code : describe(code),
    });
  }
  if (typeof reason !== "string")
    throw new SluiceError("SLUICE_INVALID_CLOSE_REASON", { actual: describe(reason) });
  const bytes = Buffer.byteLength(reason);
  if (bytes > MAX_REASON_BYTES)
    throw new SluiceError("SLUICE_INVALID_CLOSE_REASON", { actual: `${bytes} bytes` });
}

/** Checks the argument of `ping` (RFC 6455 §5.5). */
export function checkPing(payload: unknown): void {
  if (typeof payload !== "string" && !(payload instanceof Uint8Array)) {
    throw new SluiceError("SLUICE_INVALID_PING_PAYLOAD", { actual: describe(payload) });
  }
  const bytes = Buffer.byteLength(payload);
  if (bytes > MAX_PING_BYTES)
    throw new SluiceError("SLUICE_INVALID_PING_PAYLOAD", { actual: `${bytes} bytes` });
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  return value.constructor?.name ?? "an object";
}
