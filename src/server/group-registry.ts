import type { Engine } from "../transport/index.ts";
import {
  type Connection,
  checkMessage,
  Group,
  type SendOptions,
  WebSocketConnection,
} from "../transport/index.ts";

/** Connections by a name: what is sent to it, all of them get. */
export interface ConnectionGroup extends Iterable<Connection> {
  /** The name it was asked for by. */
  readonly name: string;
  /** How many connections are in it. */
  readonly size: number;
  /** Adds a connection; it gets what is sent from now on. A connection that closes leaves all its groups. */
  add(socket: Connection): void;
  /** Removes a connection; it still gets what was sent before. */
  remove(socket: Connection): void;
  /** Whether a connection is in it. */
  has(socket: Connection): boolean;
  /**
   * Sends a message to all of it. It is encoded once, and what is sent within one flush is one buffer for all. What becomes of members
   * that are slow is for their own slow-consumer policy: they hold up nobody.
   *
   * @throws SLUICE_INVALID_MESSAGE for anything else than a string or a Uint8Array.
   */
  send(message: string | Uint8Array, options?: SendOptions): void;
}

/** The groups of a server by their names. An empty one is forgotten, so that names cost nothing once they are out of use. */
export class GroupRegistry {
  readonly #engine: Engine;
  readonly #groups = new Map<string, Group>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** A group that has members; undefined for one that hasn't. */
  find(name: string): Group | undefined {
    return this.#groups.get(name);
  }

  /** A group to add members to. */
  open(name: string): Group {
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = new Group(name, this.#engine.flusher.log, { onEmpty: () => this.#groups.delete(name) });
      this.#groups.set(name, group);
    }
    return group;
  }
}

/** A group by its name: it may be empty, and come and go. */
export class NamedGroup implements ConnectionGroup {
  readonly name: string;
  readonly #registry: GroupRegistry;

  constructor(name: string, registry: GroupRegistry) {
    this.name = name;
    this.#registry = registry;
  }

  get size(): number {
    return this.#registry.find(this.name)?.size ?? 0;
  }

  add(socket: Connection): void {
    if (socket.state === "open") this.#registry.open(this.name).add(internal(socket));
  }

  remove(socket: Connection): void {
    this.#registry.find(this.name)?.remove(internal(socket));
  }

  has(socket: Connection): boolean {
    return this.#registry.find(this.name)?.has(internal(socket)) === true;
  }

  send(message: string | Uint8Array, options?: SendOptions): void {
    checkMessage(message);
    this.#registry.find(this.name)?.send(message, options?.key ?? "");
  }

  *[Symbol.iterator](): Iterator<Connection> {
    const members = this.#registry.find(this.name)?.memberships.slice() ?? [];
    for (const { connection } of members) yield connection as WebSocketConnection;
  }
}

function internal(socket: Connection): WebSocketConnection {
  if (socket instanceof WebSocketConnection) return socket;
  throw new TypeError("Only connections of a Sluice server can be in a group");
}
