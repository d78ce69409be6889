import assert from 'node:assert/strict';
import { type Clock, pacedStore } from '../../reconcilers/drivers/store/paced.ts';
import { behavesLikeAStore } from '../contract/store.ts';
import { memoryStore } from '../memory/store.ts';

/** A clock on which waiting takes no time. */
function aClock() {
  let now = 0;
  const slept: number[] = [];
  const clock: Clock = {
    now: () => now,
    async sleep(ms, signal) {
      signal.throwIfAborted();
      slept.push(ms);
    },
  };
  return {
    clock,
    slept,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

const never = new AbortController().signal;

describe('the paced store', () => {
  describe('like every store', () => {
    behavesLikeAStore({
      open: async () => {
        const memory = memoryStore('disk');
        return {
          store: pacedStore(memory.store, 1_000_000),
          write: async (path, text) => void memory.contents.set(path, Buffer.from(text)),
          read: async (path) => memory.contents.get(path)?.toString(),
          goDown: async () => memory.goDown(),
          comeBack: async () => memory.comeBack(),
          cutAnswersInHalf: memory.cutAnswersInHalf,
          close: async () => undefined,
        };
      },
    });
  });

  it('lets so many calls pass in a minute, and the others wait for their turn', async () => {
    const { clock, slept, pass } = aClock();
    const store = pacedStore(memoryStore('disk').store, 3, clock);
    const ask = () => store.stat(['a', 'b'], 'size', 0, never);
    for (let calls = 0; calls < 3; calls += 1) {
      await ask();
      pass(1000);
    }
    assert.deepEqual(slept, []);
    await ask();
    await ask();
    assert.deepEqual(slept, [57_000, 58_000]);
  });

  it('is at full pace again after a minute', async () => {
    const { clock, slept, pass } = aClock();
    const store = pacedStore(memoryStore('disk').store, 1, clock);
    await store.freeBytes(never);
    pass(60_000);
    await store.freeBytes(never);
    assert.deepEqual(slept, []);
  });

  it('says why it did not answer when the time ran out first', async () => {
    const { clock } = aClock();
    const store = pacedStore(memoryStore('disk').store, 1, clock);
    await store.freeBytes(never);
    await assert.rejects(store.freeBytes(AbortSignal.abort()), {
      code: 'unavailable',
      message: /callsPerMinute: 1/,
    });
  });
});
