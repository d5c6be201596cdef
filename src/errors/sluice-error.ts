import { errorCodes, type SluiceErrorCode } from "./error-codes.ts";

/** What fills the places in an error's sentence. */
export type ErrorDetails = Readonly<Record<string, string | number>>;

/**
 * An error of Sluice's own. Tell errors apart by {@link SluiceError.code}, not by the class or the message:
 * several copies of the package may live in one process, and sentences get better with time.
 */
export class SluiceError extends Error {
  /** Which error this is; stable between versions. */
  readonly code: SluiceErrorCode;

  /**
   * @param code - which error this is
   * @param details - what fills the {places} in the code's sentence
   * @param options - `cause`: the error that led to this one
   */
  constructor(code: SluiceErrorCode, details: ErrorDetails = {}, options?: { readonly cause?: unknown }) {
    super(fill(errorCodes[code], details), options);
    this.code = code;
  }
}

// On the prototype, as with the built-in errors, so that an error's own properties are those that say something.
Object.defineProperty(SluiceError.prototype, "name", {
  value: "SluiceError",
  configurable: true,
  writable: true,
});

// An error must be reportable even if its details are incomplete, so that a missing one stays visible as a {place}.
function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (place, name: string) =>
    Object.hasOwn(details, name) ? String(details[name]) : place,
  );
}
