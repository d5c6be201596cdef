import type { FrameScanner, ScannerEvents } from "../frame-scanner.ts";
import type { Load } from "../load.ts";
import { MessageCounter } from "../message-counter.ts";
import type { Tally } from "../tally.ts";

/** Holds its connections, and says nothing; what the server sends is counted. */
export class IdleLoad implements Load {
  readonly #tally: Tally;
  readonly #prompt: Buffer | undefined;

  constructor(tally: Tally, prompt: Buffer | undefined) {
    this.#tally = tally;
    this.#prompt = prompt;
  }

  createScanner(events: ScannerEvents): FrameScanner {
    return new MessageCounter(events, this.#prompt);
  }

  begin(): void {
    // Being there is all.
  }

  onRead({ scanner }: { readonly scanner: FrameScanner }): void {
    this.#tally.countDeliveries(scanner.take());
  }

  onGone(): void {
    // The session counts it.
  }

  end(): void {
    // Nothing was going on.
  }
}
