import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { inOneLine } from '../campaign/troubles.ts';
import { aCampaign, DATASET, RECO, SITE, type World } from '../campaign/world.ts';

interface FileLine {
  readonly name: string;
  readonly state: string;
}

const states = async (world: World) => {
  const files = (await world.json('get', 'files', '--kind', 'input')) as readonly FileLine[];
  const count = (state: string) => files.filter((file) => file.state === state).length;
  return Object.fromEntries(files.map(({ state }) => [state, count(state)]));
};

/** A campaign whose jobs fail as long as the file `trouble` is there. */
async function aTroubledCampaign(files: number, failure: string, rule: string): Promise<World> {
  const world = await aCampaign(files, 10, 'shared');
  const trouble = `[ ! -e '${world.at('trouble')}' ] || { ${failure}; }\n`;
  await world.write('reco.sh', RECO.replace('set -e\n', `set -e\n${trouble}`), 0o755);
  await world.write('trouble', '');
  const spec = DATASET.replace('  outputs:\n', `    failures: [${rule}]\n  outputs:\n`);
  await world.write('campaign.yaml', `${SITE}---\n${spec}  limits: {jobs: 1, maxFailedShare: 100%}\n`);
  return world;
}

describe('trouble that is not one file’s alone', function () {
  this.timeout(600_000);
  let world: World;
  afterEach(() => world.close());

  it('pauses a dataset while a shared service is down', async () => {
    const rule = '{log: "ORA-[0-9]+", class: outage, system: calibration-db}';
    world = await aTroubledCampaign(3, 'echo "ORA-12541: no listener"; exit 1', rule);
    await world.rereco('reconcile', '--phase', 'transfer,verify', '--until', 'settled');
    const met = async () => (await states(world)).error === 1;
    for (let tries = 0; tries < 40 && !(await met()); tries += 1) await world.rereco('reconcile');
    assert.deepEqual(await states(world), { error: 1, verified: 2 });

    const planned = await world.rereco('reconcile', '--dry-run');
    assert.doesNotMatch(planned.out, /submit/);
    assert.match(planned.out, /in process: paused while a shared service is\s+down/);
    assert.match((await world.rereco('errors')).out, /\(process, outage\)[\s\S]*calibration-db/);
    assert.match(
      (await world.rereco('why', 'all_0000176853_002.raw')).out,
      /waits: paused while a shared service/,
    );
    assert.match(
      inOneLine((await world.rereco('why', 'p17')).out),
      /^p17: 3 files are not at their goal [23] files: outage\.pause; ends by itself; /,
    );
  });

  it('holds a dataset whose software fails alike on file after file, until it is cleaned', async () => {
    world = await aTroubledCampaign(5, 'exit 64', '{exitCode: 64, class: software}');
    const held = await world.rereco('reconcile', '--until', 'settled');
    assert.equal(held.code, 3, held.out + held.err);
    assert.match(held.out, /held: 3 files failed alike/);
    assert.deepEqual(await states(world), { error: 3, verified: 2 });

    // A person knows better: what has failed counts no more, and two more are too few to hold it again.
    const resumed = await world.rereco('resume', 'p17', '--because', 'the others are fine');
    assert.match(resumed.out, /^p17 goes on: it was held since .* by rereco: 3 files failed alike/m);
    assert.equal((await world.rereco('reconcile', '--until', 'settled')).code, 3);
    assert.deepEqual(await states(world), { error: 5 });

    await rm(world.at('trouble'));
    const cleaned = await world.rereco('resubmit', '--dataset', 'p17', '--yes');
    assert.equal(cleaned.code, 0, cleaned.out + cleaned.err);
    const settled = await world.rereco('reconcile', '--until', 'settled');
    assert.equal(settled.code, 0, settled.out + settled.err);
    assert.deepEqual(await states(world), { copied: 5 });
  });

  it('holds a dataset whose command cannot run within three jobs, and shows what its log says', async () => {
    const failure = 'echo "libReco.so.7: cannot open"; exit 127';
    world = await aTroubledCampaign(5, failure, '');
    const held = await world.rereco('reconcile', '--until', 'settled');
    assert.equal(held.code, 3, held.out + held.err);
    assert.match(held.out, /held: \d jobs failed alike/);
    const jobs = await world.rows("SELECT 1 FROM submissions WHERE phase = 'process'");
    assert.ok(jobs.length >= 2 && jobs.length <= 3, `${jobs.length} jobs`);

    const failed = await world.rows('SELECT 1 FROM input_states WHERE class IS NOT NULL');
    const groups = (await world.json('errors')) as readonly {
      of: string;
      class: string;
      signature: string;
      count: number;
      log: { lines: readonly string[]; command: string };
    }[];
    const ofFiles = groups.filter((group) => group.of === 'input');
    assert.equal(
      ofFiles.reduce((sum, group) => sum + group.count, 0),
      failed.length,
    );
    const software = ofFiles.find((group) => group.class === 'software');
    assert.equal(software?.signature, 'exit 127: libReco.so.N: cannot open');
    assert.deepEqual(software.log.lines, ['libReco.so.7: cannot open']);
    const [, ...pasted] = software.log.command.split(' ');
    const rest = await world.rereco(...pasted);
    assert.equal(rest.code, 0, rest.err);
    assert.match(rest.out, /libReco\.so\.7: cannot open/);

    const told = await world.rereco('errors');
    assert.match(told.out, /holds the dataset: not tried/);
    assert.match(told.out, /\n {4}\| libReco\.so\.7: cannot open/);
    const [{ name = '' } = {}] = await world.rows<{ name: string }>(
      `SELECT d.name FROM input_states s JOIN file_details d ON d.id = s.file_id WHERE s.class = 'software'`,
    );
    assert.match((await world.rereco('why', name)).out, /\n {4}\| libReco\.so\.7: cannot open/);
  });
});
