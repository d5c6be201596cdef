import type { RowStream, Running, Statement, StatementResult, StatementRunner } from "../driver.ts";
import type { Session } from "./session.ts";
import { SessionCall } from "./session-call.ts";
import { SessionStream } from "./session-stream.ts";

/** Runs statements one after the other, all on one session that somebody else gives back. */
export class SessionRunner implements StatementRunner {
  protected readonly session: Session;

  constructor(session: Session) {
    this.session = session;
  }

  run(statement: Statement): Running<StatementResult> {
    const call = new SessionCall(statement, true);
    call.take(this.session);
    return call;
  }

  stream(statement: Statement, batchRows: number): RowStream {
    const stream = new SessionStream(statement, batchRows, true);
    stream.take(this.session);
    return stream;
  }
}
