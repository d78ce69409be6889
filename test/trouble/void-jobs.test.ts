/** A submission is written without waiting for the disk: a job that finds it torn does nothing, and is tried again. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, truncate, writeFile } from 'node:fs/promises';
import { assertBalanced, assertEnded, until } from '../campaign/questions.ts';
import { inOneLine } from '../campaign/troubles.ts';
import { aCampaign, DATASET, RECO, type Running, SITE, type World } from '../campaign/world.ts';

describe('a campaign in whose spool a submission is torn', function () {
  this.timeout(600_000);
  let world: World;
  let running: Running;
  let torn: string;
  let follower: Running;
  before(async () => {
    world = await aCampaign(2, 10, 'shared');
    const site = SITE.replace('options: {}', 'options: {slots: 1}');
    await world.write('campaign.yaml', `${site}---\n${DATASET}`);
    const waiting = RECO.replace(
      'set -e\n',
      `set -e\necho waiting\n: >'${world.at('begun')}'\nwhile [ ! -e '${world.at('go')}' ]; do sleep 0.1; done\n`,
    );
    await world.write('reco.sh', waiting, 0o755);
    running = world.start('reconcile', '--until', 'settled');

    const queue = world.at('spool', 'batch', 'queue');
    await until(180, async () => {
      const entries = await readdir(queue).catch(() => []);
      torn = entries[0]?.replace(/^\d+\./, '') ?? '';
      // The first has left the queue when its command runs.
      return entries.length === 1 && existsSync(world.at('begun'));
    });
    await truncate(world.at('spool', 'jobs', torn, 'job.sh'), 5_000);
    const [taken = ''] = await readdir(world.at('spool', 'batch', 'slots'));
    const { job } = JSON.parse(await world.read(`spool/batch/slots/${taken}`));
    follower = world.start('logs', '-f', job);
    await until(180, async () => follower.printed().out.includes('waiting\n'));
    await writeFile(world.at('go'), '');
    assertEnded(await running.ended, 0);
  });
  after(() => world.close());

  it('shows what a job writes while it runs, and ends with it', async () => {
    const { code, out } = await follower.ended;
    assert.equal(code, 0);
    assert.match(out, /==> job-0\.out <==\nwaiting\n(.*\n)*==> report-0\.json <==\n\{"submission"/);
  });

  it('settles with every event read', () => assertBalanced(world, 'p17', 20));

  it('has lost the attempt of the job that was void, and burnt no retry of its file', async () => {
    const rows = await world.rows<{ state: string; class: string; reason: string }>(
      `SELECT a.state, a.class, a.reason FROM attempts a JOIN submissions b ON b.id = a.submission_id
       WHERE b.name = '${torn}'`,
    );
    assert.deepEqual(
      rows.map(({ state, class: is }) => [state, is]),
      [['lost', 'site']],
    );
    assert.match(rows[0]?.reason ?? '', /was void: it did not find in the spool what was submitted/);
    const used = await world.rows<{ used: string }>('SELECT max(retries_used) AS used FROM input_states');
    assert.equal(Number(used[0]?.used), 0);
  });

  it('says so in the history of the file, and in the log of the job', async () => {
    const names = await world.rows<{ name: string }>(
      `SELECT d.name FROM attempts a JOIN submissions b ON b.id = a.submission_id
       JOIN file_details d ON d.id = a.file_id WHERE b.name = '${torn}'`,
    );
    const history = await world.rereco('history', names[0]?.name ?? '');
    assert.match(inOneLine(history.out), /was void/);
    assert.match((await world.rereco('logs', torn)).out, /rereco: void: the script or the table in/);
  });
});
