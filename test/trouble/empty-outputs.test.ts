/** A skim that keeps nothing of some files: outputs of no bytes, from the job to the far end. */
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { assertBalanced, assertEnded, namesBelow } from '../campaign/questions.ts';
import { inError, inOneLine } from '../campaign/troubles.ts';
import { aCampaign, DATASET, SITE, type World } from '../campaign/world.ts';

/** Keeps the events of the second file only, in both outputs. */
const SKIM = `#!/bin/sh
sed -n 's/^EVENT 1 /DST 1 /p' "$1" > "$2"
sed -n 's/^EVENT 1 /TMB 1 /p' "$1" > "$3"
{
  echo "read $(grep -c '^EVENT' "$1")"
  echo "written dst $(grep -c '^DST' "$2")"
  echo "written tmb $(grep -c '^TMB' "$3")"
} >> "$RERECO_EVENTS"
`;

async function skimmed(policy: string): Promise<World> {
  const world = await aCampaign(2, 10, 'shared');
  const dataset = DATASET.replace('path: "dst/{run}",', `path: "dst/{run}", policy: ${policy},`)
    .replace('store: tmb,', 'store: tmb, policy: none,')
    .replace('process: {attempts: 5', 'process: {attempts: 1');
  await world.write('campaign.yaml', `${SITE}---\n${dataset}`);
  await world.write('reco.sh', SKIM, 0o755);
  return world;
}

describe('outputs without events or bytes', function () {
  this.timeout(600_000);
  let world: World;
  afterEach(() => world.close());

  it('are kept, declared, exported and deleted like others where the policy allows them', async () => {
    world = await skimmed('{atLeast: 0%, atMost: 100%}');
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    await assertBalanced(world, 'p17', 20);
    const sizes = await world.rows<{ key: string; state: string; bytes: number; sum: string }>(
      `SELECT d.output_key AS key, s.state, d.size_bytes::int AS bytes, d.checksum AS sum
       FROM output_states s JOIN file_details d ON d.id = s.file_id WHERE d.size_bytes = 0 ORDER BY 1`,
    );
    const sum = 'adler32:00000001';
    assert.deepEqual(sizes, [
      { key: 'dst', state: 'located', bytes: 0, sum },
      { key: 'tmb', state: 'deleted', bytes: 0, sum },
    ]);
    const kept = (await namesBelow(world, 'hpss/dst')).map((name) => world.at('hpss/dst', name));
    assert.equal(kept.length, 2);
    assert.equal(
      (await Promise.all(kept.map((name) => stat(name)))).filter(({ size }) => size === 0).length,
      1,
    );
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
  });

  it('are refused where some of the events must be written', async () => {
    world = await skimmed('{atLeast: 1%}');
    assert.equal((await world.rereco('reconcile', '--until', 'settled')).code, 3);
    assert.equal((await inError(world)).size, 1);
    assert.match(inOneLine((await world.rereco('errors')).out), /output dst: it is empty/);
  });
});
