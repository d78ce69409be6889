/** A person's word: a phase that is suspended for a while, and one hopeless raw file that must not keep all others here for ever. */
import assert from 'node:assert/strict';
import { readdir, rm } from 'node:fs/promises';
import { inOneLine } from '../campaign/troubles.ts';
import { aCampaign, DATASET, RECO, SITE, type World } from '../campaign/world.ts';

const [FIRST, SECOND] = ['all_0000176852_001.raw', 'all_0000176853_002.raw'];

/** Fails for files that are named as bad. */
const FRAGILE = RECO.replace(
  'set -e\n',
  'set -e\n[ ! -e "$RERECO_SPEC_DIR/bad/$(basename "$1")" ] || exit 7\n',
);
const ONE_TRY = DATASET.replace('process: {attempts: 5,', 'process: {attempts: 1,');

const REFUSED: readonly (readonly [args: readonly string[], said: RegExp])[] = [
  [['suspend', 'p71'], /there is no dataset p71; did you mean p17\?/],
  [['suspend', '--system', 'hps'], /site lyon has no system hps; did you mean hpss\?/],
  [['suspend', '--system', 'hpss', '--site', 'lyn'], /there is no site lyn; did you mean lyon\?/],
  [['suspend', '--node', 'nowhere'], /site lyon has no node nowhere; there is only /],
  [['suspend', 'p17', '--system', 'hpss'], /one at a time/],
  [['waive', 'g0000000'], /there is no group g0000000 .*`rereco errors`/],
  [['waive', '999'], /no file of a run, 999/],
  [['waive', 'all_0000176852_01.raw'], /did you mean all_0000176852_001\.raw\?/],
];

type Term = { readonly events: number };

interface Ledger {
  readonly catalog: Term;
  readonly read: Term;
  readonly failed: Term;
  readonly waived: Term;
  readonly pending: Term;
  readonly balanced: boolean;
  readonly difference: number;
}

describe('a campaign with one hopeless raw file', function () {
  this.timeout(900_000);
  let world: World;
  before(async () => {
    world = await aCampaign(4, 10, 'shared');
    await world.write('campaign.yaml', `${SITE}---\n${ONE_TRY}`);
    await world.write('reco.sh', FRAGILE, 0o755);
    await world.write(`bad/${FIRST}`, '');
  });
  after(() => world.close());

  const settle = () => world.rereco('reconcile', '--until', 'settled');
  const tmbs = async (folder: string) =>
    (await readdir(world.at(folder), { recursive: true })).filter(
      (name) => /recoT_[^/]*$/.test(name) && !name.includes('.rereco/') && !name.endsWith('.metadata.json'),
    ).length;
  const ledger = async () => {
    const told = (await world.json('ledger', 'p17')) as Ledger;
    const { catalog, read, failed, waived, pending, balanced, difference } = told;
    const sums = [catalog, read, failed, waived, pending].map(({ events }) => events);
    return { sums, balanced, difference };
  };
  const groups = async () =>
    (await world.json('errors', 'p17')) as readonly { id: string; of: string; count: number }[];

  it('begins no job while that phase is suspended, and says by whom and how it ends', async () => {
    await world.rereco('reconcile', '--phase', 'transfer');
    for (const [args, said] of REFUSED) {
      const { code, err } = await world.rereco(...args, '--because', 'x');
      assert.deepEqual([args, code], [args, 2], err);
      assert.match(err, said);
    }
    const order = ['suspend', 'p17', '--phase', 'process', '--because', 'a new macro'] as const;
    const suspended = await world.rereco(...order);
    assert.equal(suspended.code, 0, suspended.err);
    assert.match(suspended.out, /^p17 process is suspended: it gets no new work$/m);
    assert.match((await world.rereco(...order)).out, /suspended already, since .* by .*: a new macro/);

    const ran = await settle();
    assert.equal(ran.code, 3, ran.out + ran.err);
    assert.match(
      ran.out,
      /p17: process is suspended by .*: a new macro; `rereco resume p17 --phase process` ends it/,
    );
    assert.match(
      (await world.rereco('status')).out,
      /^p17 process: suspended since .* by .* \(suspended\.byPerson\): a new macro/m,
    );
    assert.match(
      (await world.rereco('why', SECOND)).out,
      /waits: process is suspended by[\s\S]*\(suspended\.byPerson, since /,
    );
    const { first } = JSON.parse((await world.rereco('why', SECOND, '-o', 'json')).out);
    assert.deepEqual(
      [first.is, first.code, first.rule, first.endsBy],
      ['wait', 'suspended.byPerson', 'withinSuspensions', 'person'],
    );
    const { waits } = JSON.parse((await world.rereco('why', 'p17', '-o', 'json')).out);
    assert.deepEqual(
      waits.map((group: { code: string; inputs: number }) => [group.code, group.inputs]),
      [['suspended.byPerson', 4]],
    );
    assert.deepEqual(await world.rows("SELECT 1 FROM jobs WHERE job_type = 'd0reco'"), []);

    assert.match(
      (await world.rereco('resume', 'p17')).out,
      /neither suspended nor held\n {2}still p17 process: suspended/,
    );
    const resumed = await world.rereco('resume', 'p17', '--phase', 'process', '--because', 'it is there');
    assert.match(resumed.out, /^p17 process goes on: it was suspended since/m);
    assert.match((await world.rereco('history', 'p17')).out, /suspended → open[\s\S]*it is there/);
  });

  it('is not settled by its other files, nor sent away', async () => {
    const ran = await settle();
    assert.equal(ran.code, 3, ran.out + ran.err);
    assert.deepEqual([await tmbs('far'), await tmbs('tmb')], [0, 3]);
    assert.deepEqual(await ledger(), { sums: [40, 30, 10, 0, 0], balanced: false, difference: 0 });
  });

  it('is settled once that file is waived: the others are sent, and deleted here', async () => {
    const [group] = await groups();
    assert.ok(group);
    assert.match(
      (await world.rereco('errors')).out,
      new RegExp(`1 file \\(process, .*\n +group ${group.id}; since `),
    );
    const refused = await world.rereco('waive', SECOND, '--because', 'x');
    assert.deepEqual(
      [refused.code, /is done, with every event accounted for/.test(refused.err)],
      [2, true],
      refused.err,
    );
    const waived = await world.rereco('waive', group.id, '--because', 'its tape is torn');
    assert.equal(waived.code, 0, waived.err);
    assert.match(waived.out, new RegExp(`^p17: 1 file waived with 10 events: ${FIRST}$`, 'm'));
    const again = await world.rereco('waive', FIRST, '--because', 'twice');
    assert.match(again.out, /waived already, at .* by .*: its tape is torn/);
    const twice = await world.rereco('waive', FIRST, FIRST, '--because', 'twice');
    assert.equal(twice.out.match(/^p17: /gm)?.length, 1, twice.out);

    const ran = await settle();
    assert.equal(ran.code, 0, ran.out + ran.err);
    assert.deepEqual([await tmbs('far'), await tmbs('tmb')], [3, 0]);
    assert.deepEqual(await ledger(), { sums: [40, 30, 0, 10, 0], balanced: true, difference: 0 });
    const told = await world.rereco('ledger', 'p17');
    assert.equal(told.code, 0, told.out);
    assert.match(told.out, /^\+ waived +10 +1 file\n +10 +by .*: its tape is torn$/m);
    assert.match((await world.rereco('status')).out, /^p17: settled: .* or waived \(1 file,/m);
    assert.match(
      inOneLine((await world.rereco('why', FIRST)).out),
      /waived at .* \(group g[0-9a-f]{7}\), 10 events: its tape is torn/,
    );
    assert.equal((await world.rereco('reconcile', '--dry-run')).code, 0);
  });

  it('does not cover a second file that fails alike later', async () => {
    await world.write(`bad/${SECOND}`, '');
    const dst = (await readdir(world.at('hpss/dst'), { recursive: true })).find((name) =>
      name.includes('_002'),
    );
    await rm(world.at('hpss/dst', dst ?? 'none'));
    await settle();
    await world.rereco('resubmit', SECOND, '--yes');
    const ran = await settle();
    assert.equal(ran.code, 3, ran.out + ran.err);
    assert.deepEqual(
      (await groups()).map(({ of, count }) => [of, count]),
      [['input', 1]],
    );
    assert.deepEqual(await ledger(), { sums: [40, 20, 10, 10, 0], balanced: false, difference: 0 });
    // What is waived is left alone by a clean of everything.
    const cleaned = (await world.json('clean', '--dataset', 'p17', '--yes')) as {
      selected: { name: string }[];
    };
    assert.deepEqual(
      cleaned.selected.map(({ name }) => name),
      [SECOND],
    );
  });

  it('takes the entry back when the file is processed after all', async () => {
    await rm(world.at('bad'), { recursive: true });
    assert.equal((await world.rereco('resubmit', FIRST, '--yes')).code, 0);
    const ran = await settle();
    assert.equal(ran.code, 0, ran.out + ran.err);
    assert.deepEqual(await ledger(), { sums: [40, 40, 0, 0, 0], balanced: true, difference: 0 });
    const entries = await world.rows(
      'SELECT events, reverses_id IS NOT NULL AS back, because FROM waivers ORDER BY id',
    );
    assert.deepEqual(entries, [
      { events: '10', back: false, because: 'its tape is torn' },
      { events: '-10', back: true, because: 'processed after all, by attempt 3' },
    ]);
    assert.match((await world.rereco('history', FIRST)).out, /waiver\.reversed/);
  });
});
