/**
 * Call a function for every item, so many at a time.
 *
 * @throws the first error of a call, or the signal's reason; calls under way are
 *   waited for, further ones are not made
 */
export async function eachLimited<T>(
  items: Iterable<T>,
  atATime: number,
  signal: AbortSignal,
  call: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  let failed = false;
  const work = async () => {
    for (let next = queue.next(); !next.done && !failed; next = queue.next()) {
      try {
        signal.throwIfAborted();
        await call(next.value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: atATime }, work));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
