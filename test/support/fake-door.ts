import { Admission, type AdmissionOptions } from "../../src/transport/admission.ts";
import type { ByteStream } from "../../src/transport/byte-stream.ts";
import type { Callbacks } from "../../src/transport/callbacks.ts";
import { connectionProfile, type Handler } from "../../src/transport/connection-profile.ts";
import type { Engine } from "../../src/transport/engine.ts";
import {
  type Decision,
  FrontDoor,
  type FrontDoorOptions,
  type Gate,
} from "../../src/transport/front-door.ts";
import type { UpgradeRequest } from "../../src/websocket/index.ts";
import { connectionOptions, fakeEngine, type OptionChanges } from "./fake-connection.ts";
import { FakeStream } from "./fake-stream.ts";

const TICK_MS = 100;

/** A front door with fake streams in front and nothing but what a test wants behind it; its time goes by when it is told to. */
export class FakeDoor {
  readonly engine: Engine;
  readonly door: FrontDoor;
  /** What wasn't a WebSocket. */
  readonly plain: { readonly stream: ByteStream; readonly read: Buffer }[] = [];
  /** What the gate threw. */
  readonly gateErrors: unknown[] = [];
  handler: Handler | Callbacks = {};
  connectionOptions: OptionChanges = {};
  /** What is decided about requests. */
  gate: Gate = () => this.accepted();
  readonly #admission: Admission;
  #now = performance.now();

  constructor(options: Partial<FrontDoorOptions & AdmissionOptions> = {}) {
    const { engine } = fakeEngine({
      onGone: (socket) => this.#admission.leave(socket.request.remoteAddress),
    });
    engine.wheel.stop();
    this.engine = engine;
    this.#admission = new Admission({
      maxConnections: 100,
      maxConnectionsPerAddress: null,
      exemptAddresses: [],
      ...options,
    });
    this.door = new FrontDoor(
      {
        handshakeTimeoutMs: 10_000,
        retryAfterSeconds: 5,
        maxHeaderBytes: 16_384,
        maxHeaderCount: 100,
        ...options,
      },
      {
        engine,
        admission: this.#admission,
        gate: (request: UpgradeRequest, peer: ByteStream) => this.gate(request, peer),
        plainHttp: (stream, read) => void this.plain.push({ stream, read: Buffer.from(read) }),
        onGateError: (error) => void this.gateErrors.push(error),
      },
    );
  }

  /** How many connections are open. */
  get connections(): number {
    return this.engine.connections.size;
  }

  /** How many the admission counts. */
  get inside(): number {
    return this.#admission.inside;
  }

  /** Lets a connection come in. */
  knock(address?: string): FakeStream {
    const stream = new FakeStream(address);
    this.door.accept(stream);
    return stream;
  }

  /** A decision that lets in. */
  accepted(changes: { readonly subprotocol?: string; readonly data?: unknown } = {}): Decision {
    const profile = connectionProfile(this.handler, connectionOptions(this.connectionOptions));
    return { kind: "accept", profile, subprotocol: "", data: undefined, params: {}, ...changes };
  }

  /** Lets time go by. */
  pass(ms: number): void {
    for (let passed = 0; passed < ms; passed += TICK_MS) {
      this.#now += TICK_MS;
      this.engine.wheel.tick(this.#now);
    }
  }
}
