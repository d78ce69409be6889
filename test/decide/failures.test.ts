import assert from 'node:assert/strict';
import type { ErrorClass } from '../../machines/model.ts';
import { afterFailure } from '../../reconcilers/decide/judge/failures.ts';
import type { Trying } from '../../reconcilers/model/rows.ts';
import { NOW, someTrying } from '../builders.ts';
import { RETRY } from '../spec-builders.ts';

const failed = (cls: ErrorClass, trying: Partial<Trying> = {}, name = 'raw_1') =>
  afterFailure(someTrying(trying), { class: cls, reason: 'it broke' }, { name, retry: RETRY, now: NOW });

const waitSeconds = ({ retryAtMs }: { readonly retryAtMs: number | null }) =>
  ((retryAtMs ?? Number.NaN) - NOW) / 1000;

/** The jitter keeps a wait between three and five quarters of what it is meant to be. */
function assertAbout(seconds: number, meant: number): void {
  assert.ok(seconds >= 0.75 * meant && seconds <= 1.25 * meant, `${seconds} s is about ${meant} s`);
}

describe('afterFailure', () => {
  for (const cls of ['transient', 'resources', 'unknown'] as const) {
    it(`burns a retry of class ${cls} and tries again after the spec's first wait`, () => {
      const after = failed(cls);
      assert.equal(after.retriesUsed, 1);
      assertAbout(waitSeconds(after), RETRY.firstSeconds);
    });
  }

  for (const cls of ['data', 'software'] as const) {
    it(`stops at class ${cls}, burning nothing: trying again cannot help`, () => {
      const after = failed(cls, { retriesUsed: 2, siteRetries: 3 });
      assert.deepEqual([after.retryAtMs, after.retriesUsed, after.siteRetries], [null, 2, 3]);
    });
  }

  it('probes an outage every few minutes for as long as it lasts, burning nothing', () => {
    const after = failed('outage', { retriesUsed: 4, siteRetries: 20 });
    assert.deepEqual([after.retriesUsed, after.siteRetries], [4, 20]);
    assertAbout(waitSeconds(after), 180);
  });

  it('burns no retry on a bad node, but counts it', () => {
    const after = failed('site', { retriesUsed: 4, siteRetries: 19 });
    assert.deepEqual([after.retriesUsed, after.siteRetries], [4, 20]);
    assertAbout(waitSeconds(after), RETRY.firstSeconds);
  });

  it('takes bad nodes for an ordinary failure after twenty of them', () => {
    const after = failed('site', { retriesUsed: 1, siteRetries: 20 });
    assert.deepEqual([after.retriesUsed, after.siteRetries], [2, 20]);
  });

  it('doubles the wait with each retry, up to the longest', () => {
    const retry = { attempts: 20, firstSeconds: 60, longestSeconds: 3600 };
    const meant = [60, 120, 240, 480, 960, 1920, 3600, 3600];
    for (const [retriesUsed, seconds] of meant.entries()) {
      const failure = { class: 'transient', reason: 'it broke' } as const;
      const after = afterFailure(someTrying({ retriesUsed }), failure, { name: 'raw_1', retry, now: NOW });
      assertAbout(waitSeconds(after), seconds);
    }
  });

  it('stops when the last attempt the spec allows is used up', () => {
    assert.notEqual(failed('transient', { retriesUsed: 3 }).retryAtMs, null);
    const last = failed('transient', { retriesUsed: 4 });
    assert.deepEqual([last.retryAtMs, last.retriesUsed], [null, 5]);
  });

  it('has a jitter that depends on name and attempt alone, so that plans repeat', () => {
    assert.deepEqual(failed('transient'), failed('transient'));
    assert.notEqual(failed('transient').retryAtMs, failed('transient', {}, 'raw_2').retryAtMs);
    assert.notEqual(failed('transient').retryAtMs, failed('transient', { attempt: 2 }).retryAtMs);
  });

  it('spreads the retries of many files over the jitter', () => {
    const waits = Array.from({ length: 1000 }, (_, index) =>
      waitSeconds(failed('transient', {}, `raw_${index}`)),
    );
    assert.ok(Math.min(...waits) < 0.8 * RETRY.firstSeconds);
    assert.ok(Math.max(...waits) > 1.2 * RETRY.firstSeconds);
  });

  it('keeps the class, the reason and its signature', () => {
    const { class: cls, reason, signature: sign } = failed('data');
    assert.deepEqual([cls, reason, sign], ['data', 'it broke', 'it broke']);
  });
});
