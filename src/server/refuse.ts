/** What `authenticate` returns to refuse a request. Made by {@link refuse}. */
export class HandshakeRefusal {
  /** The status of the response, from 300 to 599. */
  readonly status: number;
  /** The body of the response, as plain text. */
  readonly message: string;
  /** Further headers of the response. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>>) {
    this.status = status;
    this.message = message;
    this.headers = headers;
  }
}

/**
 * Refuses a request to open: `return refuse(401, "Log in first")`, or `throw` it from further within.
 *
 * @param status From 300 to 599.
 * @param message The body of the response, as plain text. @default ""
 * @param headers Further headers. @default none
 */
export function refuse(
  status: number,
  message = "",
  headers: Readonly<Record<string, string>> = {},
): HandshakeRefusal {
  return new HandshakeRefusal(status, message, headers);
}
