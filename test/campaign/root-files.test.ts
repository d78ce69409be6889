/** Real ROOT files: binary, and known to a catalog that says how many entries they have. */
import assert from 'node:assert/strict';
import { copyFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { assertBalanced, assertEnded, inputsOf, namesBelow } from './questions.ts';
import { bringRealFiles, skipWithout } from './real-data.ts';
import { aWorld, type Ran, type World } from './world.ts';

const RECONSTRUCTION = fileURLToPath(new URL('./root-reconstruction.mjs', import.meta.url));

const SPEC = `apiVersion: rereco/v1
kind: Dataset
metadata: {name: zmumu}
spec:
  input: {manifest: raw.ndjson, path: raw}
  job:
    command: '${process.execPath} "$RERECO_SPEC_DIR"/reco.mjs {input} {output.dst}'
    eventsRead: {log: "read ([0-9]+) events"}
  outputs:
    dst: {name: "{stem}.dst", path: dst, eventsWritten: {pattern: "^EVENT"}}
`;

describe('a campaign on ROOT files', function () {
  this.timeout(600_000);
  let world: World;
  let ran: Ran;
  before(async function () {
    skipWithout('root', this);
    world = await aWorld('shared');
    await bringRealFiles(world, 'root', 'raw', 'raw.ndjson');
    await copyFile(RECONSTRUCTION, world.at('reco.mjs'));
    await world.write('zmumu.yaml', SPEC);
    ran = await world.rereco('reconcile', '--until', 'settled');
  });
  after(() => world?.close());

  it('settles', () => assertEnded(ran, 0));

  it('has read every entry of both trees', () => assertBalanced(world, 'zmumu', 2304 + 2421));

  it('writes as many events as the trees have entries', async () => {
    const lines = async (name: string) => (await world.read(`dst/${name}`)).trimEnd().split('\n');
    assert.deepEqual(await namesBelow(world, 'dst'), ['uproot-HZZ.dst', 'uproot-Zmumu.dst']);
    const [hzz, zmumu] = [await lines('uproot-HZZ.dst'), await lines('uproot-Zmumu.dst')];
    assert.deepEqual([hzz.length, zmumu.length], [2421, 2304]);
  });

  it('reads what is in the baskets: the runs in which the events were taken', async () => {
    const runs = new Set((await world.read('dst/uproot-Zmumu.dst')).trimEnd().split('\n'));
    assert.deepEqual([...runs].sort(), ['EVENT Run=148029', 'EVENT Run=148031']);
  });

  it('is done with both files', async () => {
    assert.deepEqual(
      (await inputsOf(world)).map(({ name, state, eventCount }) => [name, state, eventCount]),
      [
        ['uproot-HZZ.root', 'done', 2421],
        ['uproot-Zmumu.root', 'done', 2304],
      ],
    );
  });
});
