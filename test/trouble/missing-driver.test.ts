/** A mover that a site names and this version does not have: it is told wherever a user looks. */
import assert from 'node:assert/strict';
import { assertEnded } from '../campaign/questions.ts';
import { inOneLine } from '../campaign/troubles.ts';
import { aWorld, type World } from '../campaign/world.ts';

const SPEC = `apiVersion: rereco/v1
kind: Site
metadata: {name: lyon}
spec:
  stores: {disk: {driver: posix, root: disk}}
  movers: [{from: catalog, to: disk, driver: sam}]
---
apiVersion: rereco/v1
kind: Dataset
metadata: {name: p17}
spec:
  site: lyon
  input: {manifest: raw.ndjson, store: disk, eventCount: {pattern: "^EVENT"}}
  job: {command: 'cp {input} {output.dst}', eventsRead: {pattern: "^EVENT"}}
  outputs: {dst: {name: "{stem}.dst", store: disk, eventsWritten: {pattern: "^EVENT"}}}
`;

describe('a mover from the catalog that this version does not have', function () {
  this.timeout(240_000);
  let world: World;
  before(async () => {
    world = await aWorld('shared');
    await world.write('p17.yaml', SPEC);
    await world.write('disk/other.txt', '');
    await world.write('raw.ndjson', '{"file_name":"a.txt","file_size":8,"data_tier":"raw"}\n');
  });
  after(() => world.close());

  it('is told by validate, by a dry run and by why, and what is brought all the same is taken', async () => {
    const validated = await world.rereco('validate');
    assertEnded(validated, 0);
    assert.match(validated.out, /^site lyon: mover catalog>disk: this version has no driver sam for it;/m);
    const missing =
      /the mover catalog>disk of site lyon \(driver sam\) is not in this version; bring it to disk/;
    assert.match(inOneLine((await world.rereco('reconcile', '--dry-run')).out), missing);
    assertEnded(await world.rereco('reconcile'), 3);
    assert.match(inOneLine((await world.rereco('why', 'a.txt')).out), missing);
    await world.write('disk/a.txt', 'EVENT 1\n');
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
  });
});
