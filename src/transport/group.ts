import type { GroupBatch, GroupLog, SharedSink } from "./group-log.ts";

/** What a group needs of a connection. */
export interface GroupMember {
  /** Its memberships, in any number of groups; null before the first. */
  memberships: Map<Group, Membership> | null;
  /** How many of them are in named groups. */
  namedGroups: number;
  /** Whether it can still be sent to. */
  readonly isOpen: boolean;
  /** Where it takes what the group sends. */
  readonly sink: SharedSink;
}

/** That a connection is in a group. */
export interface Membership {
  readonly connection: GroupMember;
  readonly sink: SharedSink;
  readonly group: Group;
  /** Its place in the group's list. */
  index: number;
  /** The batch in which it has been handed something, or in which it joined; and up to where. */
  serial: number;
  taken: number;
}

/**
 * Connections that are sent the same. A message is encoded once, and what is pending in one flush is one buffer for all members.
 * Adding and removing cost O(1), sending O(members).
 */
export class Group {
  readonly name: string;
  /** Whether it is the group of all connections. */
  readonly isEverybody: boolean;
  readonly memberships: Membership[] = [];
  /** What is pending; null if nothing is. */
  batch: GroupBatch | null = null;
  readonly #log: GroupLog;
  readonly #onEmpty: (() => void) | undefined;
  // How many members are in other groups too.
  #crossing = 0;

  constructor(name: string, log: GroupLog, options: { isEverybody?: boolean; onEmpty?: () => void } = {}) {
    this.name = name;
    this.#log = log;
    this.isEverybody = options.isEverybody === true;
    this.#onEmpty = options.onEmpty;
  }

  /** How many members it has. */
  get size(): number {
    return this.memberships.length;
  }

  /** Whether none of its members is in another named group. */
  get isApart(): boolean {
    return this.#crossing === 0 && !this.isEverybody;
  }

  /** Whether a connection is in it. */
  has(connection: GroupMember): boolean {
    return connection.memberships?.has(this) === true;
  }

  /** Adds a connection, unless it is closed or in already; it gets what is sent from now on. */
  add(connection: GroupMember): void {
    if (!connection.isOpen || this.has(connection)) return;
    connection.memberships ??= new Map();
    if (!this.isEverybody) this.#countIn(connection);
    const { batch } = this;
    const index = this.memberships.length;
    const { sink } = connection;
    const membership = {
      connection,
      sink,
      group: this,
      index,
      serial: batch?.serial ?? 0,
      taken: batch?.end ?? 0,
    };
    connection.memberships.set(this, membership);
    this.memberships.push(membership);
  }

  /** Removes a connection; it still gets what was sent before. */
  remove(connection: GroupMember): void {
    const membership = connection.memberships?.get(this);
    if (connection.memberships === null || membership === undefined) return;
    this.#log.settle(connection.memberships);
    connection.memberships.delete(this);
    if (!this.isEverybody) this.#countOut(connection);
    const last = this.memberships.pop() as Membership;
    if (last !== membership) {
      this.memberships[membership.index] = last;
      last.index = membership.index;
    }
    if (this.memberships.length === 0) this.#onEmpty?.();
  }

  /** Sends to all members. */
  send(message: string | Uint8Array, key: string): void {
    if (this.memberships.length > 0) this.#log.append(this, message, key);
  }

  #countIn(connection: GroupMember): void {
    const others = connection.namedGroups++;
    if (others === 0) return;
    this.#crossing++;
    if (others === 1) this.#onlyOther(connection, 1);
  }

  #countOut(connection: GroupMember): void {
    const others = --connection.namedGroups;
    if (others === 0) return;
    this.#crossing--;
    if (others === 1) this.#onlyOther(connection, -1);
  }

  #onlyOther(connection: GroupMember, change: number): void {
    for (const { group } of connection.memberships?.values() ?? []) {
      if (!group.isEverybody && group !== this) group.#crossing += change;
    }
  }
}
