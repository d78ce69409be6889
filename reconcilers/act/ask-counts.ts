/** Asking how many events files have. */
import type { PassContext } from '../model/context.ts';
import { groupBy } from '../model/group-by.ts';
import type { Answer, Questions } from '../model/world.ts';
import { type Asking, call, READ_TIMEOUT_MS } from './call.ts';
import { found } from './steps/found.ts';

/** So many small files are counted together. */
const COUNTED_TOGETHER = 100;

/** Events are counted file by file where they cannot be counted together; one that cannot be leaves the others alone. */
export async function askCounts({ counts = [] }: Questions, asking: Asking) {
  const { eventCount } = asking.context.dataset.loaded.spec.input;
  const { counter, stores } = asking.ports;
  const together = new Map<string, readonly Answer<string, number>[]>();
  for (const [store, asked] of groupBy(counts, (one) => one.store)) {
    const answers: Answer<string, number>[] = [];
    const place = () => found(stores, store, 'store');
    const paths = [...new Set(asked.map(({ path }) => path))];
    const ask = async (some: readonly string[], count: (signal: AbortSignal) => Promise<CountsFound>) => {
      const answer = await call(store, some, READ_TIMEOUT_MS, asking, async (askedAt, signal) => {
        return { askedAt, complete: true, found: await count(signal), unknown: new Map() };
      });
      // Nothing is said of those that were left out.
      const asked = new Set(some.filter((path) => answer.found.has(path) || answer.unknown.has(path)));
      answers.push({ ...answer, asked });
      return answer.found;
    };
    for (let from = 0; from < paths.length; from += COUNTED_TOGETHER) {
      const some = paths.slice(from, from + COUNTED_TOGETHER);
      const counted = await ask(some, (signal) => counter.countTogether(place(), some, eventCount, signal));
      for (const path of some.filter((one) => !counted.has(one))) {
        await ask(
          [path],
          async (signal) => new Map([[path, await counter.count(place(), path, eventCount, signal)]]),
        );
      }
    }
    together.set(store, [asOneAnswer(asking.context, answers)]);
  }
  return together;
}

/** Answers about files of one store as one: each look goes through all answers, and a page has thousands of files. */
function asOneAnswer(
  { now }: PassContext,
  answers: readonly Answer<string, number>[],
): Answer<string, number> {
  return {
    asked: new Set(answers.flatMap(({ asked }) => [...asked])),
    askedAt: now,
    complete: answers.every(({ complete }) => complete),
    found: new Map(answers.flatMap(({ found }) => [...found])),
    unknown: new Map(answers.flatMap(({ unknown }) => [...unknown])),
  };
}

type CountsFound = ReadonlyMap<string, number>;
