export { checkOptions, definedOptions, givenOptions } from "./check-options.ts";
export { errorCodes, type SluiceErrorCode } from "./error-codes.ts";
export { invalidOption } from "./invalid-option.ts";
export { type ErrorDetails, SluiceError } from "./sluice-error.ts";
