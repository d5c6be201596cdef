import { connect as connectTcp, isIPv4, type OnReadOpts, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

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
}

/**
 * All connections of a process receive into this: what a read brought is done with when its callback returns, so that the next
 * one, whoever it is for, may overwrite it.
 */
const RECEIVE_BUFFER = Buffer.allocUnsafeSlow(256 * 1024);

// A pair of addresses has some 28,000 ports (net.ipv4.ip_local_port_range), not all of which are free.
const PORTS_PER_ADDRESS = 20_000;

/**
 * Begins to connect. Nothing is emitted as "data": what arrives is passed to `onRead`, in a buffer that is valid during the call.
 *
 * @param index - the connection's number: loopback has addresses for more connections than one has ports
 */
export function connectTo(
  endpoint: Endpoint,
  index: number,
  onRead: (bytes: Buffer, length: number) => void,
): Socket {
  const { address, port, tlsName } = endpoint;
  const onread: OnReadOpts = {
    buffer: RECEIVE_BUFFER,
    callback: (length) => {
      onRead(RECEIVE_BUFFER, length);
      return true;
    },
  };
  const localAddress = endpoint.spreadsAddresses ? localAddressFor(address, index) : undefined;
  const options = { host: address, port, noDelay: true, onread, ...(localAddress && { localAddress }) };
  if (tlsName === undefined) return connectTcp(options);
  return connectTls({ ...options, servername: tlsName, rejectUnauthorized: !endpoint.insecureTls });
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
