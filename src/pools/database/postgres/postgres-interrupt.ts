import type { PgClient, PgConnection, PgModule } from "./pg-module.ts";

// Longer than this it is of no use: the connection will have been given up.
const INTERRUPT_MS = 1_000;

/**
 * Asks the server to stop what a client's connection does: a CancelRequest on a connection of its own, encrypted if the client's is.
 * The server closes it once it has told the process in question.
 */
export function interruptPostgres(pg: PgModule, client: PgClient): Promise<void> {
  const { processID, secretKey, ssl, sslNegotiation } = client;
  if (processID === null || secretKey === null) return Promise.resolve();
  const connection = new pg.Connection({ ssl, ...(sslNegotiation !== undefined && { sslNegotiation }) });
  return new Promise((resolve) => {
    const timer = setTimeout(() => connection.stream.destroy(), INTERRUPT_MS);
    const send = (): void => connection.cancel(processID, secretKey);
    connection.on("connect", () => {
      if (!ssl) send();
      else if (sslNegotiation !== "direct") connection.requestSsl();
    });
    connection.on("sslconnect", send);
    connection.on("error", () => connection.stream.destroy());
    connection.on("end", () => {
      clearTimeout(timer);
      resolve();
    });
    connect(connection, client);
  });
}

// As the client itself connects: a host that is a folder has a socket for each port.
function connect(connection: PgConnection, { host, port }: PgClient): void {
  if (host.startsWith("/")) connection.connect(`${host}/.s.PGSQL.${port}`);
  else connection.connect(port, host);
}
