import type { PoolStats } from "../../src/pools/pool-stats.ts";
import type { Resource, ResourceCloseOptions, ResourceHealth } from "../../src/pools/resource.ts";

/** What a test may decide of a resource. */
export interface FakeResourceOptions {
  readonly required?: boolean;
  /** What opening comes to. */
  readonly opens?: () => Promise<void>;
  /** What closing comes to. */
  readonly closes?: () => Promise<void>;
  /** Where it writes what it is told. */
  readonly journal?: string[];
}

const NOTHING = { count: 0, p50: 0, p90: 0, p99: 0, max: 0 };

/** A resource that is told what becomes of it. */
export class FakeResource implements Resource {
  readonly name: string;
  readonly required: boolean;
  readonly journal: string[];
  /** What it says about its health. */
  nextHealth: ResourceHealth = { status: "up" };
  /** How it was closed. */
  closedWith: ResourceCloseOptions | undefined;
  readonly #options: FakeResourceOptions;

  constructor(name: string, options: FakeResourceOptions = {}) {
    this.name = name;
    this.required = options.required ?? true;
    this.journal = options.journal ?? [];
    this.#options = options;
  }

  async open(): Promise<void> {
    this.journal.push(`open ${this.name}`);
    await this.#options.opens?.();
    this.journal.push(`opened ${this.name}`);
  }

  health(): ResourceHealth {
    return this.nextHealth;
  }

  stats(): PoolStats {
    return {
      size: 0,
      maxSize: 1,
      idle: 0,
      busy: 0,
      waiting: 0,
      acquireMs: NOTHING,
      queryMs: NOTHING,
      queries: 0,
      errors: 0,
      timeouts: 0,
      refused: 0,
      connects: 0,
      breaker: "closed",
    };
  }

  async close(options: ResourceCloseOptions = {}): Promise<void> {
    this.journal.push(`close ${this.name}`);
    this.closedWith = options;
    await this.#options.closes?.();
    this.journal.push(`closed ${this.name}`);
  }
}
