/** What the commands end with. Each code means one thing, whichever command ends with it. */
export const ExitCode = {
  /** All went well: a server drained, or a connection was closed with 1000, 1001 or no code at all. */
  ok: 0,
  /** It couldn't begin: the address is in use, the certificate is no good, nothing listens at the URL. */
  failed: 1,
  /** Flags, environment variables or the configuration file are wrong. */
  usage: 2,
  /** `serve`: connections had to be cut because the time to drain was over. */
  drainCut: 3,
  /** `connect`: the server answered, but not with a WebSocket connection. */
  handshakeRefused: 4,
  /** `connect`: the connection was lost without a close frame (1006). */
  connectionLost: 5,
  /** `connect`: closed with 1011 to 1014: the trouble is the server's, and passes. */
  closedComeBack: 6,
  /** `connect`: closed with 1002, 1003 or 1007 to 1010: the same would happen again. */
  closedStayAway: 7,
  /** `connect`: closed with a code of the application's own, 3000 to 4999. */
  closedByApplication: 8,
  /** `serve`: a resource that it needs, such as its database, can't be reached or prepared. */
  resourceUnavailable: 9,
  /** A second SIGINT (Ctrl-C) ended it at once. */
  interrupted: 130,
  /** A second SIGTERM ended it at once. */
  terminated: 143,
} as const;

/** One of {@link ExitCode}'s values. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The code that says how a WebSocket connection closed. */
export function exitCodeOfClose(closeCode: number): ExitCode {
  if (closeCode === 1000 || closeCode === 1001 || closeCode === 1005) return ExitCode.ok;
  if (closeCode === 1006) return ExitCode.connectionLost;
  if (closeCode >= 3000) return ExitCode.closedByApplication;
  return closeCode >= 1011 ? ExitCode.closedComeBack : ExitCode.closedStayAway;
}
