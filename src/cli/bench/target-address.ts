import { lookup } from "node:dns/promises";
import { BlockList, connect, isIPv6 } from "node:net";
import { SluiceError } from "../../errors/index.ts";
import type { ConnectTarget } from "../connect-target.ts";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");
loopback.addSubnet("::ffff:127.0.0.0", 104, "ipv6");

const PROBE_MS = 2_000;

/** Whether an IP address is this machine's own. */
export function isLoopback(address: string): boolean {
  return loopback.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

/**
 * The address that a target's name stands for; of several, one at which somebody listens.
 *
 * @throws SLUICE_REMOTE_TARGET if any isn't a loopback address, unless that is allowed; SLUICE_CONNECT_FAILED for an unknown name
 */
export async function resolveAddress(target: ConnectTarget, allowRemote: boolean): Promise<string> {
  const addresses = await addressesOf(target);
  if (!allowRemote && !addresses.every(isLoopback)) {
    throw new SluiceError("SLUICE_REMOTE_TARGET", { host: target.hostname });
  }
  for (const address of addresses.length > 1 ? addresses : []) {
    if (await isListening(address, target.port)) return address;
  }
  return addresses[0] as string;
}

async function addressesOf({ hostname, url }: ConnectTarget): Promise<string[]> {
  try {
    const found = await lookup(hostname, { all: true });
    return found.map(({ address }) => address);
  } catch (cause) {
    throw connectFailed(url, cause);
  }
}

function connectFailed(url: string, cause: unknown): SluiceError {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new SluiceError("SLUICE_CONNECT_FAILED", { url, reason }, { cause });
}

function isListening(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: PROBE_MS });
    const end = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket
      .once("connect", () => end(true))
      .once("error", () => end(false))
      .once("timeout", () => end(false));
  });
}
