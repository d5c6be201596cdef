export { errorCodes, type SluiceErrorCode } from "./error-codes.ts";
export { type ErrorDetails, SluiceError } from "./sluice-error.ts";
