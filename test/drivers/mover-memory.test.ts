import assert from 'node:assert/strict';
import { anOrder, behavesLikeAMover } from '../contract/mover.ts';
import { memoryMover } from '../memory/mover.ts';
import { memoryStore } from '../memory/store.ts';

const { signal } = new AbortController();

describe('the memory mover', () => {
  behavesLikeAMover({
    open: async () => {
      const [from, to] = [memoryStore('from'), memoryStore('to')];
      const { mover, goDown, comeBack } = memoryMover({ from, to, finishes: 'atOnce' });
      return {
        mover,
        writeSource: async (path, text) => void from.contents.set(path, Buffer.from(text)),
        writeTarget: async (path, text) => void to.contents.set(path, Buffer.from(text)),
        readSource: async (path) => from.contents.get(path)?.toString(),
        readTarget: async (path) => to.contents.get(path)?.toString(),
        goDown: async () => goDown(),
        comeBack: async () => comeBack(),
        close: async () => undefined,
      };
    },
  });

  it('waits to be told, and creates a transfer whose answer is lost', async () => {
    const [from, to] = [memoryStore('from'), memoryStore('to')];
    const memory = memoryMover({ from, to, finishes: 'whenTold' });
    from.contents.set('a', Buffer.from('hello'));
    memory.loseSubmitAnswers();
    await assert.rejects(memory.mover.submit(anOrder('t1', 'a'), signal), { code: 'unavailable' });
    const stateOf = async () =>
      (await memory.mover.observe(['t1'], 0, signal)).found.get('t1')?.files.get(0)?.state;
    assert.equal(await stateOf(), 'queued');
    memory.finish('t1');
    assert.equal(await stateOf(), 'moved');
  });
});
