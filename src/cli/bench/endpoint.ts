import { isIPv4 } from "node:net";
import { connect as connectTls } from "node:tls";
import {
  type ByteStream,
  type Dialer,
  DuplexStream,
  dial,
  type TransportChoice,
} from "../../transport/index.ts";

/** Where connections go. */
export interface Endpoint {
  /** An IP address. */
  readonly address: string;
  readonly port: number;
  /** The name that its certificate is for; undefined without TLS. */
  readonly tlsName: string | undefined;
  /** Take any certificate. */
  readonly insecureTls: boolean;
  /** Connect from several addresses, since all connections are open at a time; see {@link localAddressFor}. */
  readonly spreadsAddresses: boolean;
  /** Which byte stream carries them, where they aren't encrypted. */
  readonly transport: TransportChoice;
}

// A pair of addresses has some 28,000 ports (net.ipv4.ip_local_port_range), not all of which are free.
const PORTS_PER_ADDRESS = 20_000;

/**
 * Begins to connect.
 *
 * @param index - the connection's number: loopback has addresses for more connections than one has ports
 */
export function connectTo(
  { address, port, tlsName, insecureTls, spreadsAddresses, transport }: Endpoint,
  index: number,
  { reader, onConnected }: Pick<Dialer, "reader" | "onConnected">,
): ByteStream {
  const localAddress = spreadsAddresses ? localAddressFor(address, index) : undefined;
  if (tlsName === undefined) return dial({ address, port, localAddress }, { transport, reader, onConnected });
  const socket = connectTls({
    host: address,
    port,
    servername: tlsName,
    rejectUnauthorized: !insecureTls,
    ...(localAddress !== undefined && { localAddress }),
  });
  socket.once("secureConnect", onConnected);
  const stream = new DuplexStream(socket);
  stream.open(reader);
  return stream;
}

/**
 * The address to connect from: of those that loopback has, another one for each 20,000 connections. Undefined where the system
 * chooses.
 */
export function localAddressFor(address: string, index: number): string | undefined {
  const further = Math.floor(index / PORTS_PER_ADDRESS);
  if (further === 0 || !isIPv4(address) || !address.startsWith("127.")) return undefined;
  return `127.0.${further >> 8}.${(further & 255) + 1}`;
}
