/** A campaign that an older version has begun is migrated and goes on to its end. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import type { World } from '../campaign/world.ts';
import { anOldWorld, BACKUP } from './old-world.ts';

/**
 * One file in error until its calibration is mended, one done, two whose jobs have ended and
 * were not looked at any more, two verified; and a dataset that is held, for it names no files.
 */
const OLD = 'before-0011.tgz';
const BROKEN = 'all_0000176852_001.raw';

interface FileLine {
  readonly name: string;
  readonly kind: string;
  readonly state: string;
}

describe('a campaign begun by the version before', function () {
  this.timeout(600_000);
  let world: World;
  before(async () => {
    world = await anOldWorld(OLD);
  });
  after(() => world.close());

  const inputs = async () =>
    ((await world.json('get', 'files')) as readonly FileLine[]).filter(({ kind }) => kind === 'input');

  const jobs = async () => {
    const [{ count } = { count: 0 }] = await world.rows<{ count: string }>(
      "SELECT count(*) FROM submissions WHERE phase = 'process'",
    );
    return Number(count);
  };

  it('is there after its database was migrated, held datasets too', async () => {
    const restored = await world.rereco('db', 'restore', BACKUP);
    assert.equal(restored.code, 0, restored.err);
    const states = (await inputs()).map(({ state }) => state);
    assert.deepEqual(states, ['error', 'done', 'running', 'running', 'verified', 'verified']);
    const { out } = await world.rereco('status');
    assert.match(out, /nothing: .*the input names no files at all/);
  });

  it('goes on: what its jobs have left is taken, what failed waits', async () => {
    const jobsBefore = await jobs();
    const { code, out, err } = await world.rereco('reconcile', '--until', 'settled');
    assert.equal(code, 3, out + err);
    const states = (await inputs()).map(({ state }) => state);
    assert.deepEqual(states, ['error', 'done', 'done', 'done', 'done', 'done']);
    assert.equal(await jobs(), jobsBefore + 2, 'only the two verified files were submitted');
  });

  it('ends: every event accounted for, the TMBs at the far end and no longer here', async () => {
    await world.write('mended', '');
    const cleaned = await world.rereco('clean', BROKEN, '--yes');
    assert.equal(cleaned.code, 0, cleaned.out + cleaned.err);
    const { code, out, err } = await world.rereco('reconcile', '--until', 'settled');
    assert.equal(code, 3, `the held dataset stays held: ${out}${err}`);
    assert.deepEqual([...new Set((await inputs()).map(({ state }) => state))], ['copied']);
    const { balanced } = (await world.json('ledger', 'p17')) as { readonly balanced: boolean };
    assert.equal(balanced, true);
    const far = (await readdir(world.at('far'), { recursive: true })).filter((name) =>
      /recoT_[^/]*03$/.test(name),
    );
    assert.equal(far.length, 6);
  });
});
