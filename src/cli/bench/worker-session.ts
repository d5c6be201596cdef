import { Opcode } from "../../websocket/index.ts";
import { type Clock, runClock } from "./clock.ts";
import type { ConnectionSetup, LoadConnection } from "./connection.ts";
import { Connector, type ConnectorEvents } from "./connector.ts";
import { CpuMeter } from "./cpu-meter.ts";
import type { MessageNumbers } from "./frame-batch.ts";
import { Handshake } from "./handshake.ts";
import type { Census, Load, Schedule } from "./load.ts";
import { maskedFrame } from "./masked-frame.ts";
import { MessageSource, messageNumbers } from "./message-source.ts";
import { createLoad } from "./modes/create-load.ts";
import { OpenedConnections } from "./opened-connections.ts";
import { countPlaces, placeOf, placesOf } from "./places.ts";
import { untilQuiet } from "./quiet.ts";
import { Reasons } from "./reasons.ts";
import { Tally } from "./tally.ts";
import { parseTemplate } from "./template.ts";
import type { WorkerCensus, WorkerCommand, WorkerPlan, WorkerReport } from "./worker-messages.ts";
import { workerResult } from "./worker-result.ts";

const PROGRESS_MS = 250;
// A server has done what a greeting asks for when nothing has come from it for so long.
const QUIET = { idleMs: 150, atMostMs: 5_000 };
// Deliveries may come late: they are waited for as long as some do.
const DRAIN = { idleMs: 300, atMostMs: 2_000 };

/** The part of a run that is in one process: its connections, and what is done with them. */
export class WorkerSession {
  readonly #plan: WorkerPlan;
  readonly #report: (report: WorkerReport) => void;
  readonly #clock: Clock;
  readonly #tally: Tally;
  readonly #load: Load;
  readonly #numbers: MessageNumbers;
  readonly #connections: OpenedConnections;
  readonly #connector: Connector;
  readonly #reasons = new Reasons();
  readonly #cpu = new CpuMeter();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #begun = performance.now();
  #openingSeconds = 0;
  /** How often something was received, to tell when nothing is. */
  #reads = 0;
  #phase: "opening" | "opened" | "running" | "over" = "opening";

  constructor(plan: WorkerPlan, report: (report: WorkerReport) => void) {
    this.#plan = plan;
    this.#report = report;
    this.#clock = runClock(plan.epochMicros);
    this.#tally = new Tally(this.#clock);
    this.#numbers = messageNumbers(plan.process, plan.processes);
    const setup = this.#connectionSetup();
    this.#load = this.#createLoad(setup);
    const places = plan.options.mode === "connect" ? [] : placesOf(plan);
    this.#connections = new OpenedConnections(places, this.#purpose(), this.#reasons);
    this.#connector = this.#createConnector(setup, this.#connections);
    this.#timers.push(setInterval(() => this.#reportProgress(), PROGRESS_MS));
    this.#connector.fill();
  }

  /** Does as it is told. */
  async handle(command: WorkerCommand): Promise<void> {
    switch (command.kind) {
      case "settle":
        this.#greet(command.greeting);
        await untilQuiet(QUIET, () => this.#reads);
        this.#load.ready?.([...this.#connections.open]);
        this.#report({ kind: "settled", ...this.#census() });
        break;
      case "start":
        this.#start(command.schedule, command.census);
        break;
      case "round":
        this.#load.beginRound?.(command.group);
        break;
      case "stop":
        await this.#endEarly();
        break;
      case "open":
        break;
    }
  }

  /** Closes the connections, and waits a little for the server to do so, too. */
  async close(): Promise<void> {
    this.#connections.close();
    const isClosed = (): boolean => this.#connections.open.size === 0;
    await untilQuiet({ idleMs: 300, atMostMs: 1_000 }, () => this.#connections.open.size, isClosed);
    this.#connections.destroy();
  }

  #connectionSetup(): ConnectionSetup {
    const { endpoint, request, options } = this.#plan;
    const reply = options.answer?.reply;
    return {
      endpoint,
      handshake: new Handshake(request),
      promptAnswer: reply === undefined ? undefined : maskedFrame(Opcode.text, Buffer.from(reply)),
      createScanner: (events) => this.#load.createScanner(events),
    };
  }

  #createLoad(setup: ConnectionSetup): Load {
    const { options } = this.#plan;
    return createLoad(options, {
      tally: this.#tally,
      clock: this.#clock,
      rounds: { onRoundDone: (group) => this.#report({ kind: "round", group }) },
      connecting: {
        concurrency: this.#concurrency,
        closes: options.close,
        placeOf: (count) => placeOf(this.#plan, count),
        createConnector: (events) => this.#createConnector(setup, events),
        onRefused: (reason) => this.#reasons.count(reason),
        onHopeless: () => void this.#endEarly(),
      },
    });
  }

  get #concurrency(): number {
    return Math.max(1, Math.floor(this.#plan.options.concurrency / this.#plan.processes));
  }

  #createConnector(setup: ConnectionSetup, events: ConnectorEvents): Connector {
    const timeoutMs = this.#plan.options.connectTimeoutSeconds * 1000;
    return new Connector(setup, { concurrency: this.#concurrency, timeoutMs }, events);
  }

  #purpose(): ConstructorParameters<typeof OpenedConnections>[1] {
    const messages = this.#messageSource(this.#plan.options.message);
    const [first] = this.#plan.options.hello;
    const greetings = first === undefined ? undefined : this.#messageSource(first);
    return {
      batchFor: ({ index, group }) => messages.batchFor(index, group),
      onOpen: (connection) => {
        if (greetings !== undefined) this.#say(connection, greetings);
      },
      onReading: (bytes) => {
        this.#reads++;
        this.#tally.beginRead(bytes);
      },
      onRead: (connection) => this.#load.onRead(connection),
      onClosed: (connection) => {
        this.#load.onGone(connection);
        if (this.#connections.open.size === 0 && this.#phase === "running") void this.#endEarly();
      },
      onAllTried: () => this.#reportIfOpened(),
    };
  }

  #messageSource(template: string): MessageSource {
    const { size, binary } = this.#plan.options;
    const format = { template: parseTemplate(template, "message"), size, isBinary: binary };
    return new MessageSource(format, this.#numbers);
  }

  #say({ place, stream }: LoadConnection, source: MessageSource): void {
    const batch = source.batchFor(place.index, place.group);
    batch.stamp(0, this.#clock());
    batch.send(stream, 1);
  }

  #greet(position: number | undefined): void {
    const template = position === undefined ? undefined : this.#plan.options.hello[position];
    if (template === undefined) return;
    const source = this.#messageSource(template);
    for (const connection of this.#connections.open) this.#say(connection, source);
  }

  #reportIfOpened(): void {
    if (this.#phase !== "opening") return;
    this.#phase = "opened";
    if (this.#plan.options.mode !== "connect") {
      this.#openingSeconds = (performance.now() - this.#begun) / 1000;
    }
    this.#report({ kind: "opened", ...this.#census() });
  }

  #census(): WorkerCensus {
    const members = new Array<number>(this.#plan.options.groups).fill(0);
    const readers = [...members];
    for (const { place } of this.#connections.open) {
      members[place.group] = (members[place.group] ?? 0) + 1;
      if (!place.isSlow) readers[place.group] = (readers[place.group] ?? 0) + 1;
    }
    return { members, readers };
  }

  #start(schedule: Schedule, census: Census): void {
    if (this.#phase !== "opened") return;
    this.#phase = "running";
    this.#tally.measure(schedule);
    const byIndex = (a: LoadConnection, b: LoadConnection): number => a.place.index - b.place.index;
    this.#at(schedule.startMicros, () =>
      this.#load.begin([...this.#connections.open].sort(byIndex), schedule, census),
    );
    this.#at(schedule.fromMicros, () => this.#cpu.start());
    this.#at(schedule.untilMicros, () => void this.#finish());
  }

  #at(micros: number, action: () => void): void {
    this.#timers.push(setTimeout(action, Math.max(0, (micros - this.#clock()) / 1000)));
  }

  async #endEarly(): Promise<void> {
    this.#tally.cutShort();
    await this.#finish();
  }

  async #finish(): Promise<void> {
    if (this.#phase === "over") return;
    const wasRunning = this.#phase === "running";
    this.#phase = "over";
    this.#cpu.stop();
    this.#load.end();
    this.#connector.stop();
    for (const timer of this.#timers) clearTimeout(timer);
    const tally = this.#tally;
    const isComplete = (): boolean => tally.received >= tally.expected || this.#connections.open.size === 0;
    if (wasRunning) await untilQuiet(DRAIN, () => tally.received, isComplete);
    this.#report({
      kind: "result",
      result: workerResult({
        tally,
        connections: this.#connections,
        reasons: this.#reasons,
        requested: countPlaces(this.#plan),
        counts: this.#load.counts?.() ?? {},
        openingSeconds: this.#openingSeconds,
        cpuSeconds: this.#cpu.seconds,
      }),
    });
  }

  #reportProgress(): void {
    const { sentInWindow: sent, receivedInWindow: received } = this.#tally;
    const opened = this.#load.counts?.().handshakes?.opened ?? this.#connections.opened;
    this.#report({ kind: "progress", opened, sent, received });
  }
}
