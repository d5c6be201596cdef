import { LostError } from "./connection-errors.ts";
import type { Outcome, Session } from "./session.ts";

/** The outcome of something as a promise. */
export function promised<Result>(begin: (outcome: Outcome<Result>) => void): Promise<Result> {
  return new Promise((resolve, reject) => begin({ succeed: resolve, fail: reject }));
}

/**
 * The same with a deadline: a session that doesn't answer in time is destroyed.
 *
 * @throws LostError when it is late
 */
export async function promisedInTime<Result>(
  session: Session,
  deadlineMs: number,
  begin: (outcome: Outcome<Result>) => void,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const reason = `the server didn't answer within ${Math.round(deadlineMs)} ms`;
      session.destroy(reason);
      reject(new LostError(reason));
    }, deadlineMs);
  });
  try {
    return await Promise.race([promised(begin), late]);
  } finally {
    clearTimeout(timer);
  }
}
