import type { LoadConnection } from "./connection.ts";
import type { FrameScanner, ScannerEvents } from "./frame-scanner.ts";
import type { Window } from "./tally.ts";

/** Who is in the groups, counted over all processes. */
export interface Census {
  /** Connections that are open. */
  readonly open: number;
  /** By group: its connections that are open. */
  readonly members: readonly number[];
  /** By group: those of them that read. */
  readonly readers: readonly number[];
  /** By group: how many processes have members of it. */
  readonly processes: readonly number[];
}

/** When what happens, in whole microseconds on the run's clock. */
export interface Schedule extends Window {
  /** The first message is due. */
  readonly startMicros: number;
}

/** What a mode of the bench does with the connections of a process, once they are open. */
export interface Load {
  /** What reads what a connection receives. */
  createScanner(events: ScannerEvents): FrameScanner;
  /** The connections of this process are open, and the server is quiet: what arrives from here on is part of the run. */
  ready?(connections: readonly LoadConnection[]): void;
  /** The time has come; `connections` are those of this process that are open. */
  begin(connections: readonly LoadConnection[], schedule: Schedule, census: Census): void;
  /** A connection's scanner has seen what arrived. */
  onRead(connection: LoadConnection): void;
  /** An open connection was closed. */
  onGone(connection: LoadConnection): void;
  /** All processes are done with a round of a group; for fan-out. */
  beginRound?(group: number): void;
  /** Sends no more. */
  end(): void;
  /** What this mode counts beside messages. */
  counts?(): LoadCounts;
}

/** See {@link Load.counts}. */
export interface LoadCounts {
  /** Rounds of fan-out within the window; a part of one for a group that other processes have members of, too. */
  readonly rounds?: { readonly completed: number; readonly stalled: number };
  /** Connections that the mode opened itself; of its whole run, and in the window. */
  readonly handshakes?: {
    readonly begun: number;
    readonly opened: number;
    readonly refused: number;
    readonly inWindow: number;
  };
}
