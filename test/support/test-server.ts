import type { TestContext } from "node:test";
import { createServer, type Server, type ServerOptions } from "../../src/index.ts";
import { Canary } from "./canary.ts";
import { type HandshakeParts, RawPeer } from "./raw-peer.ts";
import { waitFor } from "./wait-for.ts";

type AnyServerOptions = ServerOptions<unknown>;

/** Starts a server on a free port, on the byte stream that `SLUICE_TRANSPORT` names. It is closed after the test. */
export async function startServer(t: TestContext, options: AnyServerOptions = {}): Promise<Server> {
  const server = createServer({ ...options });
  await server.listen(0, options.host ?? "127.0.0.1");
  t.after(() => server.close({ drainMs: 0, spreadMs: 0 }));
  return server;
}

/** A server under attack: beside what is attacked, somebody is served who does no harm. */
export class Target {
  readonly server: Server;
  readonly canary: Canary;
  /** What handlers and hooks have thrown. */
  readonly errors: unknown[];

  private constructor(server: Server, canary: Canary, errors: unknown[]) {
    this.server = server;
    this.canary = canary;
    this.errors = errors;
  }

  /** Starts it. The options are those of the server; every path but those named by routes echoes. */
  static async start(t: TestContext, options: AnyServerOptions = {}): Promise<Target> {
    const errors: unknown[] = [];
    const server = await startServer(t, {
      handler: echo,
      onError: (error) => void errors.push(error),
      ...options,
      routes: { "/canary": echo, ...options.routes },
    });
    return new Target(server, await Canary.start(server.port, { tls: options.tls !== undefined }), errors);
  }

  get port(): number {
    return this.server.port;
  }

  /** Connects without a handshake. */
  connect(): Promise<RawPeer> {
    return RawPeer.connect(this.port);
  }

  /** Connects with a handshake. */
  open(parts: HandshakeParts & { answersPings?: boolean } = {}): Promise<RawPeer> {
    return RawPeer.open(this.port, parts);
  }

  /** Sends bytes on a new connection, and reads the answer. */
  async ask(bytes: Buffer | string): Promise<RawPeer> {
    const peer = await this.connect();
    peer.write(bytes);
    return peer;
  }

  /** Waits until nobody is left but the canary, with nothing held for anybody, and hears it once more. */
  async isUnharmed(): Promise<void> {
    await this.canary.sings();
    await waitFor("the attackers' connections to be gone", () => this.server.connections.size === 1);
    await waitFor("their handshakes to be gone", () => this.server.stats().handshakes === 0);
    await waitFor("what was buffered for them to be free", () => this.server.stats().bufferedBytes === 0);
    await this.canary.sings();
  }
}

const echo: NonNullable<AnyServerOptions["handler"]> = async (socket) => {
  for await (const message of socket) {
    if (!socket.send(message)) await socket.drained();
  }
};
