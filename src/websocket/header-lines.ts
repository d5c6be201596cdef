import { isFieldValue, isToken } from "./http-syntax.ts";

/**
 * Writes headers given by the application as lines of a response or a request.
 *
 * @param reserved Names, in lower case, that the handshake sets itself.
 * @throws TypeError for a name that isn't a token or is reserved, and for a value that would break out of its line
 */
export function headerLines(
  headers: Readonly<Record<string, string>>,
  reserved: ReadonlySet<string>,
): string {
  let lines = "";
  for (const [name, value] of Object.entries(headers)) {
    if (!isToken(name)) throw new TypeError(`Not a header name: ${JSON.stringify(name)}`);
    if (reserved.has(name.toLowerCase()))
      throw new TypeError(`The header ${name} is set by the handshake itself`);
    if (typeof value !== "string" || !isFieldValue(value)) {
      throw new TypeError(`The value of the header ${name} must be Latin-1 text without control characters`);
    }
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}
