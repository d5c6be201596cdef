import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

/** What a server answered. */
export interface HttpReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An HTTP server for a test, on a port of its own; gone at the end of the test. */
export interface HttpUnderTest extends AsyncDisposable {
  readonly port: number;
  /** Sends the head of a request as it is given, and no body. */
  request(method: string, path: string, headers?: Record<string, string>): Promise<HttpReply>;
}

/** Serves with a handler. */
export async function serveHttp(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<HttpUnderTest> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    request: (method, path, headers = {}) => requestHead({ port, method, path, headers }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function requestHead(options: {
  port: number;
  method: string;
  path: string;
  headers: Record<string, string>;
}): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", ...options }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: Buffer.concat(chunks).toString(),
      });
      sent.destroy();
    });
    sent.on("error", reject);
    // A body that was announced is never sent: the answer must come without it.
    sent.flushHeaders();
    if (options.headers["Content-Length"] === undefined && options.headers["Transfer-Encoding"] === undefined)
      sent.end();
  });
}
