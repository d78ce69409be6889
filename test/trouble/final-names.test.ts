/** What lies under a final name already, and names as long as a file system takes. */
import assert from 'node:assert/strict';
import { readdir, rm } from 'node:fs/promises';
import { aWorld, type World } from '../campaign/world.ts';

const events = (count: number) =>
  Array.from({ length: count }, (_, event) => `event ${String(event).padStart(6, '0')}\n`).join('');

/** Text files become DSTs by one command. */
const dataset = (command: string, output = 'name: "{stem}.dst"') => `apiVersion: rereco/v1
kind: Dataset
metadata: {name: p17}
spec:
  input: {files: "raw/*.txt", eventCount: {pattern: "^event"}}
  job: {command: '${command}', eventsRead: {pattern: "^event"}}
  outputs: {dst: {${output}, eventsWritten: {pattern: "^event"}}}
  retry: {process: {attempts: 2, first: 1s, longest: 1s}}
`;

describe('a final name', function () {
  this.timeout(600_000);
  let world: World;
  beforeEach(async () => {
    world = await aWorld('shared');
  });
  afterEach(() => world.close());
  const settle = () => world.rereco('reconcile', '--until', 'settled');

  it('that is taken by a strange file waits for a person and is never overwritten', async () => {
    await world.write('raw/a.txt', events(3));
    await world.write('raw/b.txt', events(4));
    // The file appears while the job runs, as one that somebody copies there does.
    const strange = `mkdir -p "$RERECO_SPEC_DIR"/dst && echo strange > "$RERECO_SPEC_DIR"/dst/a.dst`;
    await world.write('p17.yaml', dataset(`${strange} && cp {input} {output.dst}`));

    const stuck = await settle();
    assert.equal(stuck.code, 3, stuck.out + stuck.err);
    assert.equal(await world.read('dst/a.dst'), 'strange\n');
    assert.equal(await world.read('dst/b.dst'), events(4), 'the others go on');
    assert.match((await world.rereco('errors')).out, /dst\/a\.dst is taken.*rereco clean/s);
    assert.match((await world.rereco('why', 'a.txt')).out, /is taken/);

    await rm(world.at('dst/a.dst'));
    const cleaned = await world.rereco('clean', 'a.dst', '--yes');
    assert.equal(cleaned.code, 0, cleaned.out + cleaned.err);
    const settled = await settle();
    assert.equal(settled.code, 0, settled.out + settled.err);
    assert.equal(await world.read('dst/a.dst'), events(3));
    const [{ attempts } = { attempts: 0 }] = await world.rows<{ attempts: number }>(
      "SELECT count(*)::int AS attempts FROM attempts WHERE phase = 'process'",
    );
    assert.equal(attempts, 2, 'no job ran again for it');
  });

  it('is given by cleaning the input too, whose accepted output is not made again', async () => {
    await world.write('raw/a.txt', events(3));
    const strange = `mkdir -p "$RERECO_SPEC_DIR"/dst && echo strange > "$RERECO_SPEC_DIR"/dst/a.dst`;
    await world.write('p17.yaml', dataset(`${strange} && cp {input} {output.dst}`));
    await settle();
    await rm(world.at('dst/a.dst'));
    const again = await world.rereco('resubmit', 'a.txt', '--yes');
    assert.equal(again.code, 0, again.out + again.err);
    assert.equal((await settle()).code, 0);
    assert.equal(await world.read('dst/a.dst'), events(3));
  });

  it('of 239 bytes is put away and made anew like any other', async () => {
    const long = 'n'.repeat(235);
    await world.write(`raw/${long}.txt`, events(3));
    await world.write('raw/short.txt', events(3));
    await world.write(
      'p17.yaml',
      dataset('cp {input} {output.dst}', 'name: "{stem}.dst", path: "processed/version-17"'),
    );
    assert.equal((await settle()).code, 0);
    for (const name of [long, 'short']) await world.write(`processed/version-17/${name}.dst`, 'x\n');

    const settled = await settle();
    assert.equal(settled.code, 0, settled.out + settled.err);
    assert.equal(await world.read(`processed/version-17/${long}.dst`), events(3));
    const away = (await readdir(world.at('.rereco/quarantine'), { recursive: true })).filter((name) =>
      name.endsWith('.dst'),
    );
    assert.equal(away.length, 2, away.join('\n'));
  });
});
