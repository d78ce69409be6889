import assert from 'node:assert/strict';
import { aCampaign, aWorld, DATASET, SITE, type World } from './world.ts';

interface FileLine {
  readonly name: string;
  readonly state: string;
}

const inputs = async (world: World) =>
  (await world.json('get', 'files', '--kind', 'input')) as readonly FileLine[];

const SKIM = `apiVersion: rereco/v1
kind: Dataset
metadata: {name: skim}
spec:
  input: {settleFor: 0s, files: "raw/*.txt", eventCount: {pattern: "^EVENT"}}
  job: {command: "cp {input} {output.dst}; echo read $(grep -c EVENT {input}) events", eventsRead: {log: "read ([0-9]+) events"}}
  outputs:
    dst: {name: "{stem}.dst", eventsWritten: {pattern: "^EVENT"}}
`;

describe('changing a spec', function () {
  this.timeout(600_000);
  let world: World;
  afterEach(() => world.close());

  it('refuses files that are all others, and keeps the last good spec in force', async () => {
    world = await aCampaign(3, 10, 'shared');
    await world.rereco('reconcile', '--phase', 'transfer');
    const others = DATASET.replace('definition: raw-all', 'query: "name nothing_%"');
    await world.write('campaign.yaml', `${SITE}---\n${others}`);
    const manifest = await world.read('raw.ndjson');
    const another = manifest.split('\n')[0]?.replace('all_0000176852_001', 'nothing_1') ?? '';
    await world.write('raw.ndjson', `${manifest}${another}\n`);

    for (const dry of [['--dry-run'], []]) {
      const ran = await world.rereco('reconcile', '--phase', 'verify', ...dry);
      assert.equal(ran.code, 2, ran.out + ran.err);
      assert.match(ran.err, /^campaign\.yaml:\d+:1 spec\.input: names none of the 3 files/m);
    }
    assert.match((await world.rereco('errors')).out, /spec refused/);
    const [dataset] = (await world.json('get', 'datasets')) as readonly { readonly generation: number }[];
    assert.equal(dataset?.generation, 1);

    await world.write('campaign.yaml', `${SITE}---\n${DATASET}`);
    const settled = await world.rereco('reconcile', '--until', 'settled');
    assert.equal(settled.code, 0, settled.out + settled.err);
    assert.match((await world.rereco('errors')).out, /no errors/);
  });

  it('does not move a dataset to the built-in site because its own was not read', async () => {
    world = await aWorld('shared');
    await world.write('site.yaml', 'apiVersion: rereco/v1\nkind: Site\nmetadata: {name: lyon}\nspec: {}\n');
    await world.write('skim.yaml', SKIM);
    await world.write('raw/a.txt', 'EVENT 1\n');
    await world.rereco('reconcile', '--phase', 'verify');
    const ran = await world.rereco('reconcile', 'skim.yaml', '--phase', 'verify');
    assert.equal(ran.code, 2, ran.out + ran.err);
    assert.match(ran.err, /^skim\.yaml:1:1 spec\.site: is not written; the dataset works at lyon/m);
  });

  it('shows in a dry run the files that a longer manifest adds, as the real run takes them', async () => {
    world = await aCampaign(4, 10, 'shared');
    const lines = (await world.read('raw.ndjson')).trim().split('\n');
    const spec = DATASET.replace('definition: raw-all', 'manifest: wanted.ndjson');
    await world.write('campaign.yaml', `${SITE}---\n${spec}`);
    await world.write('wanted.ndjson', `${lines.slice(0, 2).join('\n')}\n`);
    await world.rereco('reconcile', '--phase', 'transfer,verify', '--until', 'settled');
    await world.write('wanted.ndjson', `${lines.join('\n')}\n`);

    const planned = await world.rereco('reconcile', '--dry-run', '--phase', 'transfer');
    assert.match(planned.out, /members +4 files named, 2 new/);
    assert.match(planned.out, /transfer +2 files/);
    const taken = await world.rereco('reconcile', '--phase', 'transfer');
    assert.match(taken.out, /transfer 2 files/);
    assert.equal((await inputs(world)).length, 4);
  });
});

describe('a folder of raw files on a laptop', function () {
  this.timeout(600_000);
  let world: World;
  beforeEach(async () => {
    world = await aWorld('shared');
    await world.write('raw/a.txt', 'EVENT 1\nEVENT 2\n');
    await world.write('skim.yaml', SKIM);
    assert.equal((await world.rereco('reconcile', '--until', 'settled')).code, 0);
  });
  afterEach(() => world.close());

  it('is processed as it grows', async () => {
    await world.write('raw/b.txt', 'EVENT 3\n');
    assert.match((await world.rereco('reconcile', '--dry-run')).out, /members +2 files named, 1 new/);
    assert.equal((await world.rereco('reconcile', '--until', 'settled')).code, 0);
    assert.deepEqual(
      (await inputs(world)).map((file) => file.state),
      ['done', 'done'],
    );
  });
});
