import assert from 'node:assert/strict';
import { type Answer, look } from '../../reconcilers/model/world.ts';
import { anAnswer, NOW } from '../builders.ts';

const found = new Map([['a', 1]]);

function lookForA(answers: readonly Answer<string, number>[] | undefined, actedMs = 0) {
  return look(answers, 'a', actedMs);
}

describe('look', () => {
  it('finds what an answer has', () => {
    assert.deepEqual(lookForA([anAnswer(['a'], { found })]), { is: 'present', value: 1 });
  });

  it('says absent only of what a complete answer was asked about and is silent on', () => {
    assert.deepEqual(lookForA([anAnswer(['a'])]), { is: 'absent' });
  });

  it('says unknown where nobody asked', () => {
    const unknown = { is: 'unknown', why: 'not asked in this pass' };
    assert.deepEqual(lookForA(undefined), unknown);
    assert.deepEqual(lookForA([]), unknown);
    assert.deepEqual(lookForA([anAnswer(['b'])]), unknown);
  });

  it('says unknown of an answer that was cut short', () => {
    const cut = anAnswer<string, number>(['a'], { complete: false });
    assert.deepEqual(lookForA([cut]), { is: 'unknown', why: 'the answer was cut short' });
  });

  it('says unknown, and why, where the system could not say', () => {
    const unread = anAnswer<string, number>(['a'], { unknown: new Map([['a', 'permission denied']]) });
    assert.deepEqual(lookForA([unread]), { is: 'unknown', why: 'permission denied' });
  });

  it('finds a thing in an answer that was cut short after it', () => {
    assert.deepEqual(lookForA([anAnswer(['a'], { found, complete: false })]), { is: 'present', value: 1 });
  });

  it('takes nothing from an answer older than the last step on the thing, present or absent', () => {
    const old = { is: 'unknown', why: 'asked before the last step on it' };
    assert.deepEqual(lookForA([anAnswer(['a'], { found })], NOW + 1), old);
    assert.deepEqual(lookForA([anAnswer(['a'])], NOW + 1), old);
  });

  it('takes an answer asked at the moment of the last step', () => {
    assert.deepEqual(lookForA([anAnswer(['a'])], NOW), { is: 'absent' });
  });

  it('believes the latest answer that says anything', () => {
    const earlier = anAnswer(['a'], { found });
    assert.deepEqual(lookForA([earlier, anAnswer(['a'])]), { is: 'absent' });
    assert.deepEqual(lookForA([earlier, anAnswer(['a'], { found: new Map([['a', 2]]) })]), {
      is: 'present',
      value: 2,
    });
  });

  it('falls back on an earlier answer where a later one is silent', () => {
    const earlier = anAnswer(['a'], { found });
    for (const silent of [
      anAnswer<string, number>(['a'], { complete: false }),
      anAnswer<string, number>(['a'], { unknown: new Map([['a', 'no answer']]) }),
      anAnswer<string, number>(['b']),
    ]) {
      assert.deepEqual(lookForA([earlier, silent]), { is: 'present', value: 1 });
    }
  });
});
