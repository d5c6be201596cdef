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
  SLUICE_ALREADY_LISTENING: "Leave this call of listen() out: {reason}.",
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
  SLUICE_UNKNOWN_SCHEME: "Use one of {schemes} instead of {scheme}: nothing is known behind that scheme.",
  SLUICE_INVALID_URL: "Correct the URL {url}: {problem}.",
  SLUICE_DRIVER_MISSING:
    "Install the driver for {scheme} with `npm install {package}`: it could not be loaded ({reason}).",
  SLUICE_UNREACHABLE:
    "Check that {name} is up and that its address is right: it can't be reached ({reason}).",
  SLUICE_CREDENTIALS_REFUSED:
    "Check the user, the password and the name of the database: {name} refused them ({reason}).",
  SLUICE_POOL_FULL:
    "Ask for less at a time, or raise maxWaiting of {name}: {waiting} callers are waiting for it already.",
  SLUICE_POOL_TIMEOUT:
    "Make its queries shorter, or raise the size of {name}: a caller has waited for its turn for {waitedMs} ms.",
  SLUICE_POOL_CLOSED: "Open another one: {name} has been closed.",
  SLUICE_QUERY_TIMEOUT:
    "Make the query shorter, or raise its timeoutMs: {name} was at it for {timeoutMs} ms.",
  SLUICE_QUERY_CANCELLED: "Nothing is to be done: what {name} was at has been cancelled by its caller.",
  SLUICE_QUERY_FAILED: "Correct the statement: {name} says that {reason}.",
  SLUICE_CONSTRAINT_VIOLATED:
    "Check the values against the constraints of the table: {name} says that {reason}.",
  SLUICE_CONNECTION_LOST:
    "Find out whether the statement was done before it is repeated: the connection to {name} broke meanwhile ({reason}).",
  SLUICE_COMMIT_UNKNOWN:
    "Find out whether the transaction was done before it is repeated: the connection to {name} broke during its commit ({reason}).",
  SLUICE_TRANSACTION_CONFLICT:
    "Run the transaction again later, or make it smaller: it got in the way of others {attempts} times ({reason}).",
  SLUICE_TRANSACTION_ENDED: "Use a transaction only within its function: this one has ended.",
  SLUICE_PARAMETER_COUNT: "Give as many parameters as there are placeholders: {given} for {expected}.",
  SLUICE_MIXED_PLACEHOLDERS: "Use one style of placeholders in a statement: ? or $1, not both.",
  SLUICE_INVALID_PARAMETER:
    "Bind null, a boolean, number, bigint, string, Date, Uint8Array, or an array or plain object as JSON: parameter {position} is {actual}.",
  SLUICE_TOO_MANY_ROWS:
    "Add a LIMIT, use stream(), or raise maxRows: the query has more than {maxRows} rows.",
  SLUICE_MIGRATION_INVALID: "Correct the migrations in {folder}: {problem}.",
  SLUICE_MIGRATION_CHANGED:
    "Restore {file}, and put what is new into another file: it was changed after it had been applied.",
  SLUICE_MIGRATION_FAILED: "Correct {file} and start again: its migration failed ({reason}).",
  SLUICE_INVALID_KEY: "Use a key of 1 to {maxBytes} bytes: it was given {actual}.",
  SLUICE_UNCACHEABLE: "Cache plain values, dates, bigints and bytes, of at most {maxBytes} bytes: {problem}.",
  SLUICE_LOAD_TIMEOUT:
    "Make the loader faster, or raise timeoutMs: {key} was not loaded within {timeoutMs} ms.",
  SLUICE_LOAD_CANCELLED: "Nothing is to be done: waiting for {key} has been cancelled by its caller.",
  SLUICE_WORKER_MISSING: "Check the URL of the worker's file: {file} could not be loaded ({reason}).",
  SLUICE_WORKER_FUNCTION: "Call a function that {file} exports: {function} is none.",
  SLUICE_WORKER_VALUE:
    "Give and return what structuredClone takes: {function} has an argument or a result that can't be sent to another thread ({reason}).",
  SLUICE_WORKER_CRASHED: "Look for what ended the thread: {name} lost it while it ran {function} ({reason}).",
} as const;
Object.freeze(errorCodes);

/** What identifies an error. Codes are API: they are not renamed, and errors are to be told apart by them alone. */
export type SluiceErrorCode = keyof typeof errorCodes;
