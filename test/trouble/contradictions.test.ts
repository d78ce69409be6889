/** Raw files of which the source, or the catalog, later says something else than they were verified with. */
import assert from 'node:assert/strict';
import { readdir, rm } from 'node:fs/promises';
import { assertBalanced, assertEnded, inputsOf, until } from '../campaign/questions.ts';
import { inOneLine } from '../campaign/troubles.ts';
import { aCampaign, aWorld, DATASET, rawFiles, SITE, type World } from '../campaign/world.ts';

const SPEC = `apiVersion: rereco/v1
kind: Dataset
metadata: {name: grow}
spec:
  input: {settleFor: 0s, files: "raw/*.txt", eventCount: {pattern: "^event"}}
  job: {command: "./reco.sh {input} {output.dst}", eventsRead: {log: "read ([0-9]+) events"}}
  outputs: {dst: {name: "{stem}.dst", path: dst, eventsWritten: {pattern: "^event"}}}
`;
/** Reads its input, and ends once it is told to. */
const RECO = `#!/bin/sh
cp "$1" "$2"
echo "read $(grep -c '^event' "$1") events"
while [ -e "$RERECO_SPEC_DIR/wait" ]; do sleep 0.1; done
`;
const events = (count: number) => Array.from({ length: count }, (_, n) => `event ${n + 1}\n`).join('');

const settle = (world: World) => world.rereco('reconcile', '--until', 'settled');
const errorsOf = async (world: World) => inOneLine((await world.rereco('errors')).out);

describe('a raw file that changes', function () {
  this.timeout(600_000);
  let world: World;
  beforeEach(async () => {
    world = await aWorld('shared');
    await world.write('reco.sh', RECO, 0o755);
    await world.write('grow.yaml', SPEC);
    await world.write('raw/part.txt', events(40));
    await world.write('raw/other.txt', events(3));
  });
  afterEach(() => world.close());

  it('after it was processed is told of, keeps its dataset from being settled, and can be taken as it is now', async () => {
    assertEnded(await settle(world), 0);
    await world.write('raw/part.txt', events(100));
    const ran = await settle(world);
    assertEnded(ran, 3);
    assert.match(await errorsOf(world), /part\.txt: its store now says \d+ bytes; .* rereco clean part\.txt/);
    assertEnded(await world.rereco('status'), 3);
    assertEnded(await world.rereco('ledger', 'grow'), 3);
    assertEnded(await settle(world), 3);

    assertEnded(await world.rereco('clean', 'part.txt', '--yes'), 0);
    assertEnded(await settle(world), 0);
    await assertBalanced(world, 'grow', 103);
    assert.equal(await world.read('dst/part.dst'), events(100));
    const [number] = await readdir(world.at('.rereco/quarantine'));
    assert.equal(await world.read(`.rereco/quarantine/${number}/dst%part.dst`), events(40));
    assert.match((await world.rereco('errors')).out, /^no errors/);
    assert.match((await world.rereco('history', 'part.txt')).out, /done → pending +source\.replaced/);
  });

  it('is not put away with all that is cleaned: it must be named', async () => {
    assertEnded(await settle(world), 0);
    await world.write('raw/part.txt', events(100));
    assertEnded(await settle(world), 3);
    assertEnded(await world.rereco('clean', '--dataset', 'grow', '--yes'), 0);
    assert.equal(await world.read('dst/part.dst'), events(40));
    assertEnded(await world.rereco('clean', '--dataset', 'grow', '--group', 'contradicts', '--yes'), 0);
    assertEnded(await settle(world), 0);
    await assertBalanced(world, 'grow', 103);
  });

  it('and is put back as it was contradicts nothing any more', async () => {
    assertEnded(await settle(world), 0);
    await world.write('raw/part.txt', events(100));
    assertEnded(await settle(world), 3);
    await world.write('raw/part.txt', events(40));
    assertEnded(await settle(world), 0);
    assert.match((await world.rereco('errors')).out, /^no errors/);
  });

  for (const [what, text] of [
    ['grows', events(100)],
    ['shrinks', events(20)],
    ['is replaced', `${events(20)}\nnothing more\n`],
  ] as const) {
    it(`and ${what} while its job runs is not done by that job`, async () => {
      await world.write('wait', '');
      await until(180, async () => {
        await world.rereco('reconcile');
        return (await inputsOf(world)).every(({ state }) => state === 'running');
      });
      await world.write('raw/part.txt', text);
      await rm(world.at('wait'));
      await settle(world);
      assertEnded(await settle(world), 0);
      const count = text.match(/^event/gm)?.length ?? 0;
      await assertBalanced(world, 'grow', count + 3);
      assert.equal(await world.read('dst/part.dst'), text);
    });
  }
});

describe('a catalog that contradicts what was processed and exported', function () {
  this.timeout(600_000);
  let world: World;
  before(async () => {
    world = await aCampaign(3, 10, 'shared');
    const undeclared = DATASET.replace(', declare: fileDone', '').replace(
      'definition: raw-all',
      'definition: raw-all, refresh: 1s',
    );
    await world.write('campaign.yaml', `${SITE}---\n${undeclared}`);
    assertEnded(await settle(world), 0);
  });
  after(() => world.close());

  it('is told of, and obeyed once a person says so, here and at the far end', async () => {
    const [name = ''] = rawFiles(3, 10).files.map((file) => file.name);
    const longer = rawFiles(3, 25);
    const { text = '' } = longer.files.find((file) => file.name === name) ?? {};
    const lines = (await world.read('raw.ndjson')).split('\n');
    const [line = ''] = longer.manifest.split('\n').filter((one) => one.includes(name));
    await world.write(`fnal/${name}`, text);
    await world.write('raw.ndjson', lines.map((one) => (one.includes(name) ? line : one)).join('\n'));
    assertEnded(await settle(world), 3);
    assert.match(
      await errorsOf(world),
      /the catalog now says \d+ bytes, 25 events, adler32:\w+; verified with/,
    );

    assertEnded(await world.rereco('resubmit', name, '--yes'), 0);
    assertEnded(await settle(world), 0);
    await assertBalanced(world, 'p17', 45);
    const [far = ''] = (await readdir(world.at('far'))).filter((one) =>
      one.startsWith(`recoT_${name.slice(0, -4)}`),
    );
    assert.equal((await world.read(`far/${far}`)).trimEnd().split('\n').length, 25);
    assert.equal((await readdir(world.at('far/.rereco/quarantine'))).length, 1);
  });
});

describe('a file of a manifest that changes where it lies', function () {
  this.timeout(600_000);
  let world: World;
  before(async () => {
    world = await aWorld('shared');
    await world.write('reco.sh', RECO, 0o755);
    const input = 'input: {manifest: in.ndjson, path: raw, eventCount: {pattern: "^event"}}';
    const site = `---
apiVersion: rereco/v1
kind: Site
metadata: {name: here}
spec: {stores: {disk: {driver: posix, root: .}}}
`;
    await world.write('grow.yaml', SPEC.replace(/input: .*/, input) + site);
    await world.write('raw/part.txt', events(40));
    const line = { file_name: 'part.txt', file_size: events(40).length, locations: ['disk:raw/part.txt'] };
    await world.write('in.ndjson', `${JSON.stringify(line)}\n`);
    assertEnded(await settle(world), 0);
  });
  after(() => world.close());

  it('is told of though the manifest stays the same, until it is what it was', async () => {
    await world.write('raw/part.txt', events(100));
    assertEnded(await settle(world), 3);
    assert.match(await errorsOf(world), /source contradicts.*part\.txt: its store now says \d+ bytes/);
    assertEnded(await world.rereco('status'), 3);
    await world.write('raw/part.txt', events(40));
    assertEnded(await settle(world), 0);
    assert.match((await world.rereco('errors')).out, /^no errors/);
  });

  it('is taken as it is once the manifest says so too', async () => {
    await world.write('raw/part.txt', events(100));
    const line = { file_name: 'part.txt', file_size: events(100).length, locations: ['disk:raw/part.txt'] };
    await world.write('in.ndjson', `${JSON.stringify(line)}\n`);
    assertEnded(await settle(world), 3);
    assertEnded(await world.rereco('clean', 'part.txt', '--yes'), 0);
    assertEnded(await settle(world), 0);
    await assertBalanced(world, 'grow', 100);
  });

  it('is left alone where what was made of it is the raw file of another dataset', async () => {
    const skim = SPEC.replace('name: grow', 'name: skim')
      .replace('raw/*.txt', 'dst/*.dst')
      .replace('{stem}.dst', '{stem}.skim')
      .replace('path: dst', 'path: skim');
    await world.write('skim.yaml', skim);
    assertEnded(await settle(world), 0);
    await world.write('raw/part.txt', events(7));
    assertEnded(await settle(world), 3);
    const refused = await world.rereco('clean', 'part.txt', '--yes');
    assertEnded(refused, 1);
    assert.match(
      inOneLine(refused.err),
      /disk:dst\/part\.dst is not put away: it is the raw file part\.dst of dataset skim/,
    );
    assert.equal(await world.read('dst/part.dst'), events(100));
  });
});
