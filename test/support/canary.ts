import assert from "node:assert/strict";
import { RawPeer, textFrame } from "./raw-peer.ts";

/**
 * A client that does everything right on a connection of its own, while others don't: what it sends must come back, and in order.
 */
export class Canary {
  readonly peer: RawPeer;
  #sent = 0;

  private constructor(peer: RawPeer) {
    this.peer = peer;
  }

  /** Connects to a server's route `/canary`, which echoes. */
  static async start(port: number, options: { tls?: boolean } = {}): Promise<Canary> {
    return new Canary(await RawPeer.open(port, { path: "/canary", ...options }));
  }

  /** One round trip. */
  async sings(): Promise<void> {
    const message = `canary ${++this.#sent}`;
    this.peer.write(textFrame(message));
    assert.equal(await this.peer.text(), message, "what the canary sends comes back");
  }
}
