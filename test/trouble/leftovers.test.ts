/** What is left over by what was killed at the worst moment, and who puts it away. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { assertNothingLeft } from '../campaign/leftovers.ts';
import { assertBalanced, assertEnded, namesBelow, until } from '../campaign/questions.ts';
import { inOneLine } from '../campaign/troubles.ts';
import { aCampaign, DATASET, SITE, type World } from '../campaign/world.ts';

const run = promisify(execFile);

/** A `cp` that dies with its job, once, when half of an output is in the store. */
const MORTAL_CP = (world: World) => `#!/bin/sh
for target; do :; done
case $target in
  *.rereco-tmp-*) if [ ! -e '${world.folder}/died' ]; then
    : >'${world.folder}/died'
    head -c 20 "$2" >"$target"
    kill -KILL 0
  fi ;;
esac
exec /bin/cp "$@"
`;

const quarantined = (world: World, store: string) => namesBelow(world, `${store}/.rereco/quarantine`);

/** The names in every tar of logs, with their archives. */
async function namesInTars(world: World): Promise<readonly string[]> {
  const tars = (await namesBelow(world, 'hpss/logs')).filter((name) => name.endsWith('.tar'));
  const lists = tars.map(async (tar) => (await run('tar', ['tf', world.at('hpss/logs', tar)])).stdout);
  return (await Promise.all(lists)).flatMap((text) => text.trim().split('\n'));
}

/** Let statements on a table hang, as if the program were stopped just before them; returns the way on. */
async function hang(world: World, table: string, claim: string): Promise<() => Promise<unknown>> {
  await world.rows(`CREATE FUNCTION hang() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF ${claim} THEN PERFORM pg_sleep(600); END IF; RETURN NEW; END $$`);
  await world.rows(
    `CREATE TRIGGER hang BEFORE INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION hang()`,
  );
  return () => world.rows('DROP FUNCTION hang() CASCADE');
}

describe('what is left over', function () {
  this.timeout(600_000);
  let world: World;
  beforeEach(async () => {
    world = await aCampaign(3, 10, 'shared');
  });
  afterEach(() => world.close());

  const killWhen = async (claim: () => Promise<boolean>) => {
    const running = world.start('reconcile', '--until', 'settled');
    await until(300, claim);
    running.kill('SIGKILL');
    await running.ended;
    // The server has not noticed yet: the statement would go on once it has slept.
    await world.rows(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()",
    );
  };

  it('of a job that was killed while it delivered goes into quarantine', async () => {
    await world.write('tools/cp', MORTAL_CP(world), 0o755);
    const spec = DATASET.replace(
      'job:',
      `job:\n    environment: {PATH: "${world.at('tools')}:/usr/bin:/bin"}`,
    );
    await world.write('campaign.yaml', `${SITE}---\n${spec}`);
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    assert.ok(existsSync(world.at('died')));
    await assertBalanced(world, 'p17', 30);
    const away = await quarantined(world, 'hpss');
    assert.equal(away.filter((name) => name.includes('.rereco-tmp-')).length, 1, String(away));
    assert.match(
      inOneLine((await world.rereco('status')).out),
      /hpss: 1 file \(20 B\) put away in .rereco\/quarantine/,
    );
    await assertNothingLeft(world);
  });

  it('of an archive that was stored and not recorded is recorded, and no log is in two tars', async () => {
    await world.rereco('db', 'migrate');
    const goOn = await hang(world, 'archives', "NEW.state = 'stored'");
    await killWhen(async () => (await namesBelow(world, 'hpss/logs')).some((name) => name.endsWith('.tar')));
    const [tar] = await namesBelow(world, 'hpss/logs');
    await goOn();
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    assert.ok((await namesBelow(world, 'hpss/logs')).includes(tar ?? ''));
    const names = await namesInTars(world);
    assert.equal(new Set(names).size, names.length);
    await assertNothingLeft(world);
  });

  it('of an archive that was stored and lost from the spool is taken as it is', async () => {
    await world.rereco('db', 'migrate');
    const goOn = await hang(world, 'archives', "NEW.state = 'stored'");
    await killWhen(async () => (await namesBelow(world, 'hpss/logs')).some((name) => name.endsWith('.tar')));
    await goOn();
    for (const name of await readdir(world.at('spool/scratch')))
      await run('rm', [world.at('spool/scratch', name)]);
    const [job] = await readdir(world.at('spool/jobs'));
    await world.write(`spool/jobs/${job}/late.txt`, 'written by a job that was late\n');
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    const names = await namesInTars(world);
    assert.equal(new Set(names).size, names.length);
    await assertNothingLeft(world);
  });

  it('of an archive that was recorded leaves the spool', async () => {
    await world.rereco('db', 'migrate');
    const goOn = await hang(
      world,
      'site_leases',
      "EXISTS (SELECT 1 FROM rereco.archives WHERE state = 'stored')",
    );
    await killWhen(async () => {
      const rows = await world.rows("SELECT id FROM archives WHERE state = 'stored'");
      return rows.length > 0;
    });
    await goOn();
    assert.notDeepEqual(await readdir(world.at('spool/jobs')), []);
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    await assertNothingLeft(world);
  });

  it('of another installation is left alone and told of', async () => {
    await world.write('hpss/.rereco/attempts/r7-elsewhere-12/reco_x', 'bytes of somebody\n');
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    await world.rereco('reconcile');
    assert.equal(await world.read('hpss/.rereco/attempts/r7-elsewhere-12/reco_x'), 'bytes of somebody\n');
    const status = inOneLine((await world.rereco('status')).out);
    assert.match(
      status,
      /hpss: 1 file .* of attempts that this database does not know, left alone, like \S*r7-elsewhere-12/,
    );
  });

  it('of a transfer tells what it did, from the spool and from the archive', async () => {
    const name = 'all_0000176852_001.raw';
    await world.rereco('reconcile', '--phase', 'transfer,verify', '--until', 'settled');
    const words =
      /copies store fnal \S+ \(of \d+ bytes, adler32:\w+\) to store hpss .* copied \d+ bytes, adler32:\w+; read back the same/;
    assert.match(inOneLine((await world.rereco('logs', name)).out), words);
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    const jobs = (await world.json('get', 'jobs')) as readonly { name: string; type: string }[];
    const copy = jobs.find((one) => one.type === 'copy');
    const told = inOneLine((await world.rereco('logs', copy?.name ?? '')).out);
    assert.match(told, /in hpss:logs\/4711\/\S+\.tar/);
    assert.match(
      told,
      /copies store tmb .* to store far .* copied \d+ bytes, adler32:\w+; read back the same/,
    );
  });
});

describe('two datasets that share stores', function () {
  this.timeout(600_000);
  let world: World;
  before(async () => {
    world = await aCampaign(2, 10, 'shared');
    const other = DATASET.replace('name: p17}', 'name: p20}')
      .replace('requestId: 4711', 'requestId: 4712')
      .replaceAll('{version}', '{version}_p20')
      .replace('path: "raw/{run}"', 'path: "raw20/{run}"');
    await world.write('campaign.yaml', SITE);
    await world.write('p17.yaml', DATASET);
    await world.write('p20.yaml', other);
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    const [job] = await world.rows<{ name: string }>(
      `SELECT b.name FROM submissions b JOIN datasets t ON t.id = b.dataset_id
       WHERE t.name = 'p17' AND b.phase = 'process' ORDER BY b.id LIMIT 1`,
    );
    await world.write(`hpss/.rereco/attempts/${job?.name}/reco_late`, 'DST 1 2 3\n');
    await world.rereco('reconcile', 'p20.yaml', 'campaign.yaml');
  });
  after(() => world.close());

  it('are swept together, and what came late is told of with the one it belongs to', async () => {
    assert.equal((await quarantined(world, 'hpss')).filter((name) => name.includes('reco_late')).length, 1);
    const problems = await world.rows<{ name: string }>(
      "SELECT t.name FROM problems p JOIN datasets t ON t.id = p.dataset_id WHERE p.kind LIKE 'late output%'",
    );
    assert.deepEqual(problems, [{ name: 'p17' }]);
    await assertNothingLeft(world);
  });
});
