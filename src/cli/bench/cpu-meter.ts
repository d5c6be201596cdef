/** Measures the CPU time that this process takes within the window. */
export class CpuMeter {
  #atStart: NodeJS.CpuUsage | undefined;
  #seconds = 0;

  start(): void {
    this.#atStart = process.cpuUsage();
  }

  stop(): void {
    if (this.#atStart === undefined) return;
    const { user, system } = process.cpuUsage(this.#atStart);
    this.#seconds = (user + system) / 1e6;
    this.#atStart = undefined;
  }

  /** User and system time between start and stop. */
  get seconds(): number {
    return this.#seconds;
  }
}
