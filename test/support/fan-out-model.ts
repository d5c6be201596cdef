import assert from "node:assert/strict";
import fc from "fast-check";
import { Group } from "../../src/transport/group.ts";
import { Opcode } from "../../src/websocket/index.ts";
import {
  clientFrame,
  type FakeConnection,
  type FakeEngine,
  fakeEngine,
  type OptionChanges,
  openConnection,
  RESPONSE,
} from "./fake-connection.ts";
import { readServerFrames, type ServerFrame } from "./server-frames.ts";

/** One thing that happens to a server. Connections and groups are numbers, taken modulo how many there are. */
export type Step =
  | { readonly do: "send"; readonly to: number; readonly message: MessageShape }
  | { readonly do: "groupSend"; readonly group: number; readonly message: MessageShape }
  | { readonly do: "broadcast"; readonly message: MessageShape }
  | { readonly do: "add" | "remove"; readonly to: number; readonly group: number }
  | { readonly do: "flush" | "ping" | "pinged" | "close"; readonly to: number }
  | { readonly do: "flushAll" }
  | { readonly do: "block" | "accept"; readonly to: number; readonly room: number };

/** What a message looks like; its text begins with its number, so that no two are the same. */
export interface MessageShape {
  readonly isText: boolean;
  readonly bytes: number;
  readonly filling: string;
  readonly key: string;
}

/** How a message must arrive at one connection, and under which key it was sent. */
export interface SentMessage {
  readonly frame: string;
  readonly key: string;
  readonly bytes: number;
}

/** A server with fake streams, and beside it what each connection ought to get: the naive model. */
export class FanOutModel {
  readonly fake: FakeEngine;
  readonly connections: FakeConnection[];
  /** What was sent to each connection while it was open, in order. */
  readonly sent: SentMessage[][];
  /** What each was told that it didn't get. */
  readonly dropped: { messages: number; bytes: number }[];
  readonly #groups: Group[];
  readonly #members: Set<number>[];
  #count = 0;

  constructor(shape: {
    readonly connections: number;
    readonly groups: number;
    readonly options?: OptionChanges;
  }) {
    this.fake = fakeEngine();
    const { engine } = this.fake;
    this.connections = Array.from({ length: shape.connections }, () =>
      openConnection(engine, { options: shape.options ?? {} }),
    );
    this.sent = this.connections.map(() => []);
    this.dropped = this.connections.map(() => ({ messages: 0, bytes: 0 }));
    this.#groups = Array.from({ length: shape.groups }, (_, at) => new Group(`g${at}`, engine.flusher.log));
    this.#members = this.#groups.map(() => new Set());
    for (const [at, { socket }] of this.connections.entries()) {
      const told = socket.onDropped.bind(socket);
      socket.onDropped = (drop): void => {
        const dropped = this.dropped[at] as { messages: number; bytes: number };
        dropped.messages += drop.messages;
        dropped.bytes += drop.bytes;
        told(drop);
      };
    }
  }

  apply(step: Step): void {
    const { flusher } = this.fake.engine;
    switch (step.do) {
      case "flushAll":
        return flusher.flush();
      case "broadcast": {
        const message = this.#message(step.message);
        for (const at of this.connections.keys()) this.#expect(at, message, step.message.key);
        return this.fake.engine.broadcast(message, step.message.key);
      }
      case "groupSend": {
        const group = step.group % this.#groups.length;
        const message = this.#message(step.message);
        for (const at of this.#members[group] ?? []) this.#expect(at, message, step.message.key);
        return this.#groups[group]?.send(message, step.message.key);
      }
      default:
        return this.#applyTo(step.to % this.connections.length, step);
    }
  }

  /** Lets everybody read, and everything be written. */
  settle(): void {
    // What is accepted may let more be written, which is accepted at once; a flush may have to go on.
    for (let round = 0; round < 1000; round++) {
      this.fake.engine.flusher.flush();
      for (const { stream } of this.connections) while (stream.isBlocked) stream.accept();
      if (this.connections.every(({ socket }) => socket.bufferedAmount === 0)) return;
    }
    assert.fail("something is never written");
  }

  stop(): void {
    this.fake.engine.stop();
  }

  /** The data frames that a connection got. */
  received(at: number): ServerFrame[] {
    return this.allFrames(at).filter(({ opcode }) => opcode < Opcode.close);
  }

  /** Whatever a connection got. */
  allFrames(at: number): ServerFrame[] {
    const { stream } = this.connections[at] as FakeConnection;
    return readServerFrames(stream.taken.subarray(RESPONSE.length));
  }

  #applyTo(at: number, step: Extract<Step, { to: number }>): void {
    const { socket, stream } = this.connections[at] as FakeConnection;
    switch (step.do) {
      case "send": {
        const message = this.#message(step.message);
        this.#expect(at, message, step.message.key);
        socket.send(message, { key: step.message.key });
        return;
      }
      case "add":
      case "remove": {
        const group = step.group % this.#groups.length;
        if (step.do === "add" && socket.isOpen) this.#members[group]?.add(at);
        else if (step.do === "remove") this.#members[group]?.delete(at);
        return this.#groups[group]?.[step.do](socket);
      }
      case "flush":
        return socket.flush();
      case "ping":
        return socket.ping("ours");
      case "pinged":
        return stream.receive(clientFrame(Opcode.ping, "theirs"));
      case "close":
        return socket.close();
      case "block":
        stream.room = step.room;
        return;
      case "accept":
        return stream.accept(step.room);
    }
  }

  #message({ isText, bytes, filling }: MessageShape): string | Buffer {
    const text = `${++this.#count}:`.padEnd(bytes, filling);
    return isText ? text : Buffer.from(text);
  }

  #expect(at: number, message: string | Buffer, key: string): void {
    const { socket } = this.connections[at] as FakeConnection;
    if (!socket.isOpen) return;
    const payload = Buffer.from(message as string);
    const bytes = payload.length + (payload.length < 126 ? 2 : payload.length < 65536 ? 4 : 10);
    const opcode = typeof message === "string" ? Opcode.text : Opcode.binary;
    (this.sent[at] as SentMessage[]).push({ frame: frameText({ opcode, payload }), key, bytes });
  }
}

/** A data frame as a text that is equal for equal frames. */
export function frameText({ opcode, payload }: Pick<ServerFrame, "opcode" | "payload">): string {
  return `${opcode}:${payload.toString("latin1")}`;
}

const indexes = fc.nat({ max: 99 });

const messages: fc.Arbitrary<MessageShape> = fc.record({
  isText: fc.boolean(),
  bytes: fc.oneof(
    { weight: 12, arbitrary: fc.nat({ max: 60 }) },
    { weight: 4, arbitrary: fc.integer({ min: 100, max: 5_000 }) },
    { weight: 3, arbitrary: fc.integer({ min: 14_000, max: 18_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 80_000 }) },
  ),
  filling: fc.constantFrom("x", "~", "ä", "語", "🌊"),
  key: fc.constantFrom("", "", "", "a", "b"),
});

const rooms = fc.oneof(fc.nat({ max: 200 }), fc.nat({ max: 100_000 }));

/** Random things that happen. */
export function steps(options: { readonly closing?: boolean } = {}): fc.Arbitrary<Step[]> {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant("send" as const), to: indexes, message: messages }) },
    {
      weight: 10,
      arbitrary: fc.record({ do: fc.constant("groupSend" as const), group: indexes, message: messages }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("broadcast" as const), message: messages }) },
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constantFrom("add", "add", "remove"), to: indexes, group: indexes }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("flush", "ping", "pinged"), to: indexes }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("flushAll" as const) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("block", "accept"), to: indexes, room: rooms }) },
    ...(options.closing === true
      ? [{ weight: 1, arbitrary: fc.record({ do: fc.constant("close" as const), to: indexes }) }]
      : []),
  ) as fc.Arbitrary<Step>;
  return fc.array(step, { minLength: 1, maxLength: 80, size: "max" });
}
