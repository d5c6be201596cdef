import { Deferred } from "../../../internal/deferred.ts";
import type { Running, ScriptRunner, Statement, StatementResult } from "../driver.ts";
import { LostError } from "./connection-errors.ts";
import { promised } from "./promised.ts";
import type { Session } from "./session.ts";
import { STOP_MS } from "./session-call.ts";
import { SessionRunner } from "./session-runner.ts";

/** Runs scripts on one session, until its signal is aborted. */
export class SessionScripts extends SessionRunner implements ScriptRunner {
  readonly #signal: AbortSignal;
  readonly #stopped = new Deferred<never>();
  #timer: NodeJS.Timeout | undefined;

  constructor(session: Session, signal: AbortSignal) {
    super(session);
    this.#signal = signal;
    this.#stopped.promise.catch(() => {});
    signal.addEventListener("abort", this.#stop, { once: true });
  }

  /** Rejects when the signal was aborted, and the server hasn't stopped in time what was under way. */
  get stopped(): Promise<never> {
    return this.#stopped.promise;
  }

  override run(statement: Statement): Running<StatementResult> {
    // What the server is told to stop may have ended just before: then it's the next one that doesn't begin.
    this.#signal.throwIfAborted();
    return super.run(statement);
  }

  async script(sql: string): Promise<void> {
    this.#signal.throwIfAborted();
    await promised<string>((outcome) => this.session.control(sql, outcome));
  }

  /** Everything is done: lets go of the signal. */
  end(): void {
    this.#signal.removeEventListener("abort", this.#stop);
    clearTimeout(this.#timer);
  }

  readonly #stop = (): void => {
    const { session } = this;
    void session.interrupt();
    this.#timer = setTimeout(() => {
      const reason = "it didn't stop a script in time";
      session.destroy(reason);
      this.#stopped.reject(new LostError(reason));
    }, STOP_MS);
  };
}
