/** A promise that is settled from outside. */
export class Deferred<T = void> {
  readonly promise: Promise<T>;
  #resolve!: (value: T) => void;
  #reject!: (reason: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Resolves the promise; once it is, nothing more happens. */
  resolve(value: T): void {
    this.#resolve(value);
  }

  /** Rejects the promise; once it is settled, nothing more happens. */
  reject(reason: unknown): void {
    this.#reject(reason);
  }
}
