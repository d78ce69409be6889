/**
 * `atOnce` makes a call for each thing, so many at a time, and says what each came to as it comes.
 *
 * The next call begins when the next answer is asked for: who stops asking stops the calls.
 *
 * @throws the first error of a call; calls under way are waited for, further ones are not made
 */
export async function* atOnce<T, R>(
  things: Iterable<T>,
  most: number,
  call: (thing: T) => Promise<R>,
): AsyncGenerator<R, void, void> {
  const waiting = things[Symbol.iterator]();
  /** By a number of each call, which its end gives back. */
  const running = new Map<number, Promise<readonly [number, R]>>();
  let begun = 0;
  try {
    for (;;) {
      while (running.size < most) {
        const next = waiting.next();
        if (next.done) break;
        const number = begun++;
        running.set(
          number,
          call(next.value).then((value) => [number, value] as const),
        );
      }
      if (running.size === 0) return;
      const [number, value] = await Promise.race(running.values());
      running.delete(number);
      yield value;
    }
  } finally {
    await Promise.allSettled(running.values());
  }
}
