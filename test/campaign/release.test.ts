import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, rename } from 'node:fs/promises';
import { aCampaign, DATASET, SITE, type World } from './world.ts';

const RELEASING = DATASET.replace('path: "raw/{run}"}', 'path: "raw/{run}", afterDone: release}');

const rawIn = async (world: World, folder: string) =>
  (await readdir(world.at(folder), { recursive: true })).filter((name) => name.endsWith('.raw')).length;

/** A line of the manifest with another checksum than its own. */
async function withSum(world: World, line: string, algorithm: 'md5' | 'sha256'): Promise<string> {
  const entry: { readonly file_name: string } = JSON.parse(line);
  const bytes = await world.read(`fnal/${entry.file_name}`);
  const sum = createHash(algorithm).update(bytes).digest('hex').toUpperCase();
  return JSON.stringify({ ...entry, checksum: [`${algorithm}:${sum}`] });
}

describe('a dataset that releases its raw files', function () {
  this.timeout(600_000);
  let world: World;
  beforeEach(async () => {
    world = await aCampaign(3, 10, 'shared');
    await world.write('campaign.yaml', `${SITE}---\n${RELEASING}`);
  });
  afterEach(() => world.close());

  it('deletes the replicas here once their origins were read back, and never an origin', async () => {
    const ran = await world.rereco('reconcile', '--until', 'settled');
    assert.equal(ran.code, 0, ran.out + ran.err);
    assert.match(ran.out, /p17 export: release /);
    assert.equal(await rawIn(world, 'hpss'), 0);
    assert.equal(await rawIn(world, 'fnal'), 3);
    const again = await world.rereco('reconcile', '--dry-run');
    assert.equal(again.code, 0, again.out + again.err);
  });

  it('proves an origin of which the catalog knows no more than an md5 or a sha', async () => {
    const [first = '', ...others] = (await world.read('raw.ndjson')).trimEnd().split('\n');
    const lines = [
      await withSum(world, first, 'md5'),
      ...(await Promise.all(others.map((line) => withSum(world, line, 'sha256')))),
    ];
    await world.write('raw.ndjson', `${lines.join('\n')}\n`);
    const ran = await world.rereco('reconcile', '--until', 'settled');
    assert.equal(ran.code, 0, ran.out + ran.err);
    assert.equal(await rawIn(world, 'hpss'), 0);
    assert.equal(await rawIn(world, 'fnal'), 3);
    const { out } = await world.rereco('ledger', 'p17');
    assert.match(out, /bytes verified by job: 3 files$/m);
  });

  it('keeps the last copy of a file whose origin is gone, and tells of it', async () => {
    await world.write('campaign.yaml', `${SITE}---\n${DATASET}`);
    await world.rereco('reconcile', '--until', 'settled');
    await rename(world.at('fnal/all_0000176852_001.raw'), world.at('elsewhere.raw'));

    await world.write('campaign.yaml', `${SITE}---\n${RELEASING}`);
    const planned = await world.rereco('reconcile', '--dry-run');
    assert.match(planned.out, /release +2 files/);
    assert.match(planned.out, /2 deletions/);
    assert.equal((await world.rereco('reconcile', '--until', 'settled')).code, 3);
    assert.equal(await rawIn(world, 'hpss'), 1);
    assert.match(
      (await world.rereco('errors')).out,
      /replica not released[\s\S]*fnal:all_0000176852_001\.raw is gone/,
    );

    await rename(world.at('elsewhere.raw'), world.at('fnal/all_0000176852_001.raw'));
    assert.equal((await world.rereco('reconcile', '--until', 'settled')).code, 0);
    assert.equal(await rawIn(world, 'hpss'), 0);
    assert.match((await world.rereco('errors')).out, /no errors/);
  });
});
