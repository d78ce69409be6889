/** A job of an older spec that does not end when it is told to, and writes when it no longer counts. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { assertBalanced, assertEnded, inputsOf, namesBelow, until } from '../campaign/questions.ts';
import { inOneLine } from '../campaign/troubles.ts';
import { aCampaign, DATASET, type Ran, RECO, SITE, type World } from '../campaign/world.ts';

const LATE = 'all_0000176852_001.raw';
const REPROCESS = `${SITE}---\n${DATASET}  onChange: reprocess\n`;

/**
 * The first time it is asked for one input it never ends, whatever it is told. What it
 * left on another node, out of everybody's reach, is played by the test itself.
 */
function stubbornReco(world: World): string {
  const late = `set -e
here='${world.folder}'
if [ "$(basename "$1")" = ${LATE} ] && [ ! -e "$here/late" ]; then
  echo "$RERECO_SUBMISSION/$(basename "$2")" >"$here/late.part"
  mv "$here/late.part" "$here/late"
  trap '' TERM
  while [ ! -e "$here/go" ]; do sleep 0.1; done
fi
`;
  return RECO.replace('set -e\n', () => late);
}

describe('a campaign with a job that writes after it was superseded', function () {
  this.timeout(600_000);
  let world: World;
  let settled: Ran;
  before(async () => {
    world = await aCampaign(2, 10, 'shared');
    await world.write('campaign.yaml', REPROCESS);
    await world.write('reco.sh', stubbornReco(world), 0o755);
    const first = world.start('reconcile', '--until', 'settled');
    await until(180, () => existsSync(world.at('late')));
    first.kill('SIGTERM');
    await first.ended;

    await world.write('campaign.yaml', REPROCESS.replace('p17.03.03', 'p17.05.01'));
    settled = await world.rereco('reconcile', '--until', 'settled');
    await world.write('go', '');
    const late = (await world.read('late')).trim();
    await world.write(`hpss/.rereco/attempts/${late}`, 'DST 0 0 0\n');
    await world.rereco('reconcile');
  });
  after(async () => {
    await world.write('go', '');
    await world.close();
  });

  it('settles under the new spec without waiting for it', async () => {
    assertEnded(settled, 0);
    await assertBalanced(world, 'p17', 20);
  });

  it('counts what was made under the new spec, and nothing else', async () => {
    const rows = await world.rows<{ name: string }>(
      `SELECT o.name FROM accepted_outputs c JOIN file_details o ON o.id = c.output_id
       JOIN file_details i ON i.id = c.input_id WHERE i.name = '${LATE}' ORDER BY 1`,
    );
    assert.deepEqual(
      rows.map((row) => row.name),
      ['recoT_all_0000176852_001_p17.05.01', 'reco_all_0000176852_001_p17.05.01'],
    );
  });

  it('puts what is written late into quarantine', async () => {
    const quarantined = await namesBelow(world, 'hpss/.rereco/quarantine');
    assert.equal(quarantined.filter((name) => name.endsWith('%reco_all_0000176852_001_p17.03.03')).length, 1);
    assert.deepEqual(await namesBelow(world, 'hpss/.rereco/attempts'), []);
  });

  it('gives it no final name', async () => {
    const finals = await namesBelow(world, 'hpss/dst');
    assert.deepEqual(
      finals.filter((name) => name.includes('001_p17.03.03')),
      [],
    );
  });

  it('tells of it', async () => {
    assert.match(inOneLine((await world.rereco('errors')).out), /late output .* after its attempt was over/);
  });

  it('has every file at its goal all the same', async () => {
    assert.deepEqual([...new Set((await inputsOf(world)).map((file) => file.state))], ['copied']);
  });
});
