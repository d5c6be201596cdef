import type { Connection, Server } from "../../src/index.ts";
import { waitFor } from "./wait-for.ts";

/** The one connection of a server, as soon as it is there. */
export async function onlyConnection(server: Server): Promise<Connection> {
  await waitFor("a connection", () => server.connections.size === 1);
  const [socket] = server.connections;
  return socket as Connection;
}

/** A handler that keeps its connection open and reads nothing. */
export async function untilClosed(socket: Connection): Promise<void> {
  await socket.closed;
}

/** A handler that sends back whatever comes. */
export async function echo(socket: Connection): Promise<void> {
  for await (const message of socket) {
    if (!socket.send(message)) await socket.drained();
  }
}
