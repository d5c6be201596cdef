import type { MessagePort } from "node:worker_threads";
import { AnswerBatch } from "../../../../../src/pools/database/sqlite/answer-batch.ts";
import { CallStates } from "../../../../../src/pools/database/sqlite/call-states.ts";
import { SqliteConnection } from "../../../../../src/pools/database/sqlite/sqlite-connection.ts";
import {
  ANSWER,
  REQUEST,
  type RequestKind,
  type ThreadData,
  type ThreadMessage,
  type ThreadRequest,
  type WireValue,
} from "../../../../../src/pools/database/sqlite/thread-protocol.ts";
import { TemporaryFolder } from "../../../../support/temporary-folder.ts";

/** An answer, taken out of its batch. */
export interface Answer {
  readonly slot: number;
  readonly rows?: unknown[][];
  readonly isEnd?: boolean;
  readonly affectedRows?: number;
  readonly lastInsertId?: unknown;
  readonly code?: string;
  readonly message?: string;
}

/** What a thread works with, in the thread of the test. */
export class ThreadHarness {
  readonly folder: TemporaryFolder = new TemporaryFolder();
  readonly data: ThreadData;
  readonly states: CallStates = CallStates.ofSize(100);
  readonly messages: ThreadMessage[] = [];
  readonly answers: AnswerBatch;
  readonly context: { answers: AnswerBatch; states: CallStates };
  readonly #opened: SqliteConnection[] = [];
  readonly #widths = new Map<number, number>();
  #slot = 10;

  constructor() {
    this.data = {
      path: `${this.folder.path}/test.db`,
      role: "writer",
      isTemporary: true,
      states: this.states.shared,
      schemaEpoch: new Int32Array(new SharedArrayBuffer(4)),
    };
    const port = { postMessage: (message: ThreadMessage) => this.messages.push(structuredClone(message)) };
    this.answers = new AnswerBatch(port as unknown as MessagePort);
    this.context = { answers: this.answers, states: this.states };
  }

  /** A connection that writes, closed with the harness. */
  open(): SqliteConnection {
    const connection = SqliteConnection.openWriter(this.data, this.answers);
    this.#opened.push(connection);
    return connection;
  }

  /** A request under a slot of its own. */
  request(
    kind: RequestKind,
    sql: string,
    params: WireValue[] = [],
    options: { session?: number; limit?: number; slot?: number } = {},
  ): ThreadRequest {
    const { session = 0, limit = 1_000, slot = this.#slot++ } = options;
    this.states.queue(slot);
    return { slot, kind, session, sql, limit, params };
  }

  /** A statement that writes. */
  write(sql: string, params: WireValue[] = [], session = 0): ThreadRequest {
    return this.request(REQUEST.write, sql, params, { session });
  }

  /** What has been answered since it was last asked. */
  taken(): Answer[] {
    this.answers.flush();
    const found = this.messages.splice(0).flatMap((message) => {
      for (const { id, names } of message.columns ?? []) this.#widths.set(id, names.length);
      return [...this.#answersOf(message.answers)];
    });
    return found;
  }

  /** Removes all that there is. */
  close(): void {
    for (const connection of this.#opened) connection.close();
    this.folder.remove();
  }

  *#answersOf(answers: readonly unknown[]): Generator<Answer> {
    for (let at = 0; at < answers.length; ) {
      const slot = answers[at] as number;
      const [first, second, third, isEnd, count] = answers.slice(at + 2, at + 7);
      if (answers[at + 1] === ANSWER.failed) {
        yield { slot, code: second as string, message: third as string };
        at += 5;
      } else if (answers[at + 1] === ANSWER.done) {
        yield { slot, affectedRows: first as number, lastInsertId: second };
        at += 4;
      } else {
        const width = this.#widths.get(third as number) as number;
        const rows = Array.from({ length: count as number }, (_, row) =>
          answers.slice(at + 7 + row * width, at + 7 + (row + 1) * width),
        );
        yield { slot, rows, isEnd: isEnd as boolean, affectedRows: first as number, lastInsertId: second };
        at += 7 + width * (count as number);
      }
    }
  }
}
