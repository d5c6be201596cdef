/** A promise that is resolved from outside. */
export class Deferred<T = void> {
  readonly promise: Promise<T>;
  #resolve!: (value: T) => void;

  constructor() {
    this.promise = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Resolves the promise; once it is, nothing more happens. */
  resolve(value: T): void {
    this.#resolve(value);
  }
}
