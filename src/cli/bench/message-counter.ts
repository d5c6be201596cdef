import { FrameScanner, WHOLE_BINARY, WHOLE_TEXT } from "./frame-scanner.ts";

/** Counts messages by their headers, and looks at nothing else. */
export class MessageCounter extends FrameScanner {
  protected override scanWhole(bytes: Buffer, start: number, end: number): number {
    const { promptBytes } = this;
    let at = start;
    let messages = 0;
    // The header's second byte must be there; so at least one byte follows that isn't read.
    while (at + 1 < end) {
      const firstByte = bytes[at] as number;
      const length = bytes[at + 1] as number;
      const next = at + 2 + length;
      if (firstByte !== WHOLE_TEXT && firstByte !== WHOLE_BINARY) break;
      if (length > 125 || next > end || length === promptBytes) break;
      messages++;
      at = next;
    }
    this.found += messages;
    return at;
  }

  protected override scanPart(): void {
    // Nothing in a payload is of interest.
  }

  protected override endFrame(isFinal: boolean): void {
    if (isFinal) this.found++;
  }
}
