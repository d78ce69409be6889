/** What a dataset makes is never what it is made of. */
import assert from 'node:assert/strict';
import { readdir, symlink } from 'node:fs/promises';
import { aWorld, type World } from '../campaign/world.ts';

const events = (count: number) =>
  Array.from({ length: count }, (_, event) => `event ${String(event).padStart(6, '0')}\n`).join('');

const dataset = (name: string, files: string, output: string, input = '') => `apiVersion: rereco/v1
kind: Dataset
metadata: {name: ${name}}
spec:
  input: {files: "${files}", settleFor: 0s, eventCount: {pattern: "^event"}${input}}
  job: {command: 'cp {input} {output.dst}', eventsRead: {pattern: "^event"}}
  outputs: {dst: {${output}, eventsWritten: {pattern: "^event"}}}
`;

describe('a dataset whose input matches what is made of it', function () {
  this.timeout(600_000);
  let world: World;
  beforeEach(async () => {
    world = await aWorld('shared');
    await world.write('raw/a.txt', events(3));
    await world.write('raw/b.txt', events(4));
  });
  afterEach(() => world.close());

  const settle = async () => {
    const { code, out, err } = await world.rereco('reconcile', '--until', 'settled');
    return { code, told: out + err };
  };
  const inputs = async (name: string) =>
    (
      await world.rows<{ name: string }>(
        `SELECT d.name FROM file_details d JOIN datasets t ON t.id = d.dataset_id
         WHERE d.kind = 'input' AND t.name = '${name}' ORDER BY 1`,
      )
    ).map((row) => row.name);

  it('takes neither its outputs nor anything else of ours for input, however often it looks', async () => {
    await world.write('loop.yaml', dataset('loop', '**/*.txt', 'name: "{stem}.skim.txt"'));
    for (let round = 0; round < 3; round += 1) {
      const { code, told } = await settle();
      assert.equal(code, 0, told);
      assert.deepEqual(await inputs('loop'), ['a.txt', 'b.txt']);
    }
    await world.write('raw/c.txt', events(5));
    assert.equal((await settle()).code, 0);
    assert.deepEqual(await inputs('loop'), ['a.txt', 'b.txt', 'c.txt'], 'new files are taken as ever');
    assert.deepEqual((await readdir(world.at('dst'))).sort(), ['a.skim.txt', 'b.skim.txt', 'c.skim.txt']);
  });

  it('does not take the scripts, logs and archives of its own jobs for input', async () => {
    await world.write(
      'site.yaml',
      `apiVersion: rereco/v1
kind: Site
metadata: {name: here}
spec: {spool: {path: spool}, stores: {disk: {driver: posix, root: .}}}
`,
    );
    const spec = dataset('loop', '{raw,spool,dst,logs,.rereco}/**', 'name: "{stem}.dst"');
    await world.write('loop.yaml', `${spec}  archive: {path: logs, jobsPerTar: 1}\n`);
    for (let round = 0; round < 3; round += 1) {
      const { code, told } = await settle();
      assert.equal(code, 0, told);
      assert.deepEqual(await inputs('loop'), ['a.txt', 'b.txt']);
    }
  });

  it('feeds a chain, but no ring: what comes back is not taken, and the ring is named', async () => {
    // Through a link, so that no spec shows that the two share their files.
    await symlink('.', world.at('link'));
    await world.write(
      'site.yaml',
      `apiVersion: rereco/v1
kind: Site
metadata: {name: here}
spec: {stores: {disk: {driver: posix, root: .}, again: {driver: posix, root: link}}}
`,
    );
    const first = dataset('first', 'raw/**', 'name: "{stem}.mid", path: mid', ', store: disk');
    await world.write('first.yaml', first);
    const second = (folder: string) =>
      dataset('second', 'mid/*', `name: "{stem}.back", store: again, path: ${folder}`, ', store: again');
    await world.write('second.yaml', second('raw/back'));
    assert.deepEqual(
      [(await settle()).code, (await settle()).code],
      [0, 3],
      'first the chain, then the ring',
    );
    const { code, told } = await settle();
    assert.equal(code, 3, told);
    assert.deepEqual(await inputs('first'), ['a.txt', 'b.txt']);
    assert.deepEqual(await inputs('second'), ['a.mid', 'b.mid'], 'the chain goes on');
    assert.match((await world.rereco('errors')).out, /first\s+→\s+second\s+→\s+first/);

    // Narrowed down, it is a chain like any other.
    await world.write('first.yaml', first.replace('raw/**', 'raw/*.txt'));
    const settled = await settle();
    assert.equal(settled.code, 0, settled.told);
  });
});
