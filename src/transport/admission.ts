import { BlockList, isIPv4, isIPv6 } from "node:net";

/** Whether one more may come in, and what it ran into if not. */
export type Admittance = "admitted" | "connections" | "address";

/** What is let in. */
export interface AdmissionOptions {
  /** The most connections, handshakes in progress and plain HTTP ones counted too. */
  readonly maxConnections: number;
  /** The most from one address (of IPv6, from one /64); null for no limit. */
  readonly maxConnectionsPerAddress: number | null;
  /** Addresses and subnets (`10.0.0.0/8`) without that limit, beside loopback: your proxies. */
  readonly exemptAddresses: readonly string[];
}

/** Counts who is in, and says who else may come. */
export class Admission {
  readonly maxConnections: number;
  readonly #maxPerAddress: number | null;
  readonly #exempt: BlockList;
  readonly #perAddress = new Map<string, number>();
  #inside = 0;

  constructor(options: AdmissionOptions) {
    this.maxConnections = options.maxConnections;
    this.#maxPerAddress = options.maxConnectionsPerAddress;
    this.#exempt = blockList(["127.0.0.0/8", "::1", ...options.exemptAddresses]);
  }

  /** How many are in. */
  get inside(): number {
    return this.#inside;
  }

  /** Takes one in from this address, if there is room; then `leave` must follow once. */
  enter(address: string): Admittance {
    if (this.#inside >= this.maxConnections) return "connections";
    if (this.#maxPerAddress !== null) {
      const key = this.#keyOf(address);
      const before = key === undefined ? 0 : (this.#perAddress.get(key) ?? 0);
      if (before >= this.#maxPerAddress) return "address";
      if (key !== undefined) this.#perAddress.set(key, before + 1);
    }
    this.#inside++;
    return "admitted";
  }

  /** One from this address is gone. */
  leave(address: string): void {
    this.#inside--;
    const key = this.#maxPerAddress === null ? undefined : this.#keyOf(address);
    if (key === undefined) return;
    const left = (this.#perAddress.get(key) ?? 1) - 1;
    if (left === 0) this.#perAddress.delete(key);
    else this.#perAddress.set(key, left);
  }

  // What an address is counted under; undefined for one that isn't.
  #keyOf(address: string): string | undefined {
    if (address === "127.0.0.1" || address === "::1" || address === "") return undefined;
    const plain = address.startsWith("::ffff:") ? address.slice(7) : address;
    if (isIPv4(plain)) return this.#exempt.check(plain, "ipv4") ? undefined : plain;
    if (!isIPv6(address)) return address;
    return this.#exempt.check(address, "ipv6") ? undefined : networkOf(address);
  }
}

function blockList(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = "", prefix] = entry.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

/** The first 64 bits of an IPv6 address: what one customer of a provider can choose freely comes after them. */
function networkOf(address: string): string {
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const after = tail === "" ? 0 : tail.split(":").length;
    while (groups.length + after < 8) groups.push("0");
  }
  return groups.slice(0, 4).join(":");
}
