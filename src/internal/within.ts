/** The longest that a timer can wait, in milliseconds: one that is set to more is due at once. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1;

/**
 * Waits for a promise, but no longer than so many milliseconds. More than a timer can wait is for ever: 24 days are no deadline that
 * anybody means.
 *
 * @returns whether it has resolved by then
 * @throws what it rejects with by then
 */
export async function within(ms: number, promise: Promise<unknown>): Promise<boolean> {
  if (ms > MAX_TIMER_MS) {
    await promise;
    return true;
  }
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, Math.max(ms, 0), false);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
