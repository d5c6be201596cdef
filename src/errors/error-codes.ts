/**
 * Every code, with the sentence that its errors say. Each begins with what to do; what stands in {braces} is filled in from
 * the details of the error.
 */
export const errorCodes = {
  SLUICE_INVALID_OPTION: "Correct the option {option}: {problem}.",
  SLUICE_INVALID_MESSAGE: "Pass send() a string or a Uint8Array; it was given {actual}.",
  SLUICE_INVALID_CLOSE_CODE:
    "Close with 1000 to 1003, 1007 to 1014, or a code from 3000 to 4999; {actual} may not stand in a close frame.",
  SLUICE_INVALID_CLOSE_REASON:
    "Give close() a string of at most 123 bytes in UTF-8 as its reason; it was given {actual}.",
  SLUICE_INVALID_PING_PAYLOAD:
    "Give ping() a string or a Uint8Array of at most 125 bytes; it was given {actual}.",
  SLUICE_ADDRESS_IN_USE:
    "Stop what is listening on {host}:{port}, or choose another port: the address is in use.",
  SLUICE_ADDRESS_UNAVAILABLE:
    "Choose an address of this machine and a port that this user may open: cannot listen on {host}:{port} ({reason}).",
  SLUICE_ALREADY_LISTENING: "Call listen() once only: this server is listening on {url} already.",
  SLUICE_SERVER_CLOSED: "Create another server: this one has been closed, and does not open again.",
  SLUICE_ITERATOR_BUSY:
    "Read a connection's messages in one place: connection {id} is being read already, and two readers would each miss some.",
  SLUICE_CONFIG_UNREADABLE: "Check the path and the permissions of the configuration file {file}: {reason}.",
  SLUICE_CONFIG_INVALID: "Correct the configuration file {file}: {problem}.",
  SLUICE_TLS_UNREADABLE: "Check the path and the permissions of the TLS file {file}: {reason}.",
  SLUICE_REMOTE_TARGET:
    "Pass --allow-remote if you may put load on {host}: without it, only loopback addresses are taken as targets.",
  SLUICE_CONNECT_FAILED: "Check that a server is listening at {url}: connecting failed ({reason}).",
  SLUICE_HANDSHAKE_REFUSED:
    "Check the path, the origin and the credentials: {url} answered the handshake with {status} ({reason}).",
} as const;
Object.freeze(errorCodes);

/** What identifies an error. Codes are API: they are not renamed, and errors are to be told apart by them alone. */
export type SluiceErrorCode = keyof typeof errorCodes;
