import type { LoadConnection } from "../connection.ts";
import type { FrameScanner, ScannerEvents } from "../frame-scanner.ts";
import type { Census, Load, LoadCounts, Schedule } from "../load.ts";
import { MessageCounter } from "../message-counter.ts";
import type { Tally } from "../tally.ts";

/** The part of a group that is in this process. */
interface GroupRound {
  readonly members: LoadConnection[];
  /** Those of them that read. */
  readers: number;
  /** The group's members in all processes. */
  senders: number;
  /** How many processes have members of it. */
  processes: number;
  begunMicros: number;
  /** Deliveries that arrived in this round, and how many when it was last looked at. */
  arrived: number;
  arrivedBefore: number;
  lastProgressMs: number;
  isDone: boolean;
}

/** How a round ended. */
export interface RoundEvents {
  /** This process has all deliveries of a round of a group that others have members of, too. */
  onRoundDone(group: number): void;
}

// A server may drop messages: a round that has stood still for so long ends as it is.
const STALL_MS = 1000;
const STALL_CHECK_MS = 250;

/**
 * Each member of a group sends one message; when all have received all of them, the group begins its next round. Deliveries
 * are counted by their frames, and a round has one latency: how long it took.
 */
export class FanoutLoad implements Load {
  readonly #tally: Tally;
  readonly #prompt: Buffer | undefined;
  readonly #events: RoundEvents;
  readonly #groups = new Map<number, GroupRound>();
  #stallCheck: NodeJS.Timeout | undefined;
  #isSending = false;
  #completed = 0;
  #stalled = 0;

  constructor(tally: Tally, prompt: Buffer | undefined, events: RoundEvents) {
    this.#tally = tally;
    this.#prompt = prompt;
    this.#events = events;
  }

  createScanner(events: ScannerEvents): FrameScanner {
    return new MessageCounter(events, this.#prompt);
  }

  ready(connections: readonly LoadConnection[]): void {
    // What came before, such as answers to greetings, is no delivery. Another process may begin earlier than this one.
    this.#groups.clear();
    for (const connection of connections) {
      const { group, isSlow } = connection.place;
      const round = this.#groups.get(group) ?? newRound();
      round.members.push(connection);
      if (!isSlow) round.readers++;
      this.#groups.set(group, round);
    }
  }

  begin(_connections: readonly LoadConnection[], _schedule: Schedule, census: Census): void {
    this.#isSending = true;
    for (const [group, round] of this.#groups) {
      // Below 0 if some were lost since they were counted.
      round.senders += census.members[group] ?? 0;
      round.processes = census.processes[group] ?? 1;
      this.beginRound(group);
    }
    this.#stallCheck = setInterval(() => this.#endStalled(), STALL_CHECK_MS).unref();
  }

  onRead({ scanner, place }: LoadConnection): void {
    const deliveries = scanner.take();
    this.#tally.countDeliveries(deliveries);
    const round = this.#groups.get(place.group);
    if (round === undefined) return;
    round.arrived += deliveries;
    if (!round.isDone && round.arrived >= targetOf(round)) this.#endRound(place.group, round);
  }

  onGone(connection: LoadConnection): void {
    const round = this.#groups.get(connection.place.group);
    if (round === undefined) return;
    round.members.splice(round.members.indexOf(connection), 1);
    if (!connection.place.isSlow) round.readers--;
    // In a group that is spread over processes, the others notice by the deliveries that don't come.
    round.senders--;
  }

  beginRound(group: number): void {
    const round = this.#groups.get(group);
    if (round === undefined || !this.#isSending) return;
    const now = this.#tally.tick();
    round.arrivedBefore = round.arrived;
    round.lastProgressMs = performance.now();
    round.isDone = false;
    round.begunMicros = now;
    for (const { batch, stream } of round.members) {
      if (batch === undefined) continue;
      batch.stamp(0, now);
      batch.send(stream, 1);
    }
    this.#tally.countSent(round.members.length, 0);
    // Nobody here reads, so nothing is waited for but the other processes.
    if (round.processes > 1 && round.readers === 0) this.#endRound(group, round);
  }

  end(): void {
    this.#isSending = false;
    clearInterval(this.#stallCheck);
  }

  counts(): LoadCounts {
    return { rounds: { completed: this.#completed, stalled: this.#stalled } };
  }

  #endRound(group: number, round: GroupRound): void {
    round.isDone = true;
    // What arrived beyond this round's deliveries belongs to the next one: other processes may be ahead.
    round.arrived -= targetOf(round);
    if (this.#tally.covers(this.#tally.nowMicros)) {
      this.#completed += 1 / round.processes;
      this.#tally.latency.record(this.#tally.nowMicros - round.begunMicros);
    }
    if (round.processes > 1) this.#events.onRoundDone(group);
    else this.beginRound(group);
  }

  #endStalled(): void {
    const now = performance.now();
    for (const [group, round] of this.#groups) {
      if (round.isDone || round.members.length === 0) continue;
      if (round.arrived !== round.arrivedBefore) {
        round.arrivedBefore = round.arrived;
        round.lastProgressMs = now;
      } else if (now - round.lastProgressMs >= STALL_MS) {
        if (this.#tally.covers(this.#tally.tick())) this.#stalled += 1 / round.processes;
        round.arrived = 0;
        round.isDone = true;
        if (round.processes > 1) this.#events.onRoundDone(group);
        else this.beginRound(group);
      }
    }
  }
}

/** How many deliveries a round has in this process. */
function targetOf({ readers, senders }: GroupRound): number {
  return readers * senders;
}

function newRound(): GroupRound {
  return {
    members: [],
    readers: 0,
    senders: 0,
    processes: 1,
    begunMicros: 0,
    arrived: 0,
    arrivedBefore: 0,
    lastProgressMs: 0,
    isDone: true,
  };
}
