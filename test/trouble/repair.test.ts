import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { until } from '../campaign/questions.ts';
import { aCampaign, DATASET, PROGRAM, SITE, type World } from '../campaign/world.ts';

interface FileLine {
  readonly name: string;
  readonly state: string;
  readonly reason: string | null;
}

interface Cleaning {
  readonly selected: readonly Readonly<Record<'dataset' | 'kind' | 'name' | 'state', string>>[];
  readonly done: readonly { readonly dataset: string; readonly phase: string; readonly files: number }[];
  readonly round: { readonly passes: readonly unknown[] } | null;
}

const inputs = async (world: World) =>
  (await world.json('get', 'files', '--kind', 'input')) as readonly FileLine[];

describe('repairing a campaign', function () {
  this.timeout(600_000);
  let world: World;
  beforeEach(async () => {
    world = await aCampaign(3, 10, 'shared');
  });
  afterEach(() => world.close());

  it('stops at a wrong event count, and goes on once the catalog is put right and the file cleaned', async () => {
    const manifest = await world.read('raw.ndjson');
    await world.write('raw.ndjson', manifest.replace('"event_count":10', '"event_count":11'));
    const ran = await world.rereco('reconcile', '--until', 'settled');
    assert.equal(ran.code, 3, ran.out + ran.err);

    const [wrong] = (await inputs(world)).filter((file) => file.state === 'error');
    assert.match(wrong?.reason ?? '', /read 10 events, the catalog says 11/);
    assert.match((await world.rereco('errors')).out, /data/);
    assert.match((await world.rereco('why', wrong?.name ?? '')).out, /the catalog says 11/);
    assert.equal((await world.rereco('ledger', 'p17')).code, 3);

    await world.write('raw.ndjson', manifest);
    const cleaned = await world.rereco('clean', '--dataset', 'p17', '--yes');
    assert.equal(cleaned.code, 0, cleaned.out + cleaned.err);
    const settled = await world.rereco('reconcile', '--until', 'settled');
    assert.equal(settled.code, 0, settled.out + settled.err);
    assert.match((await world.rereco('ledger', 'p17')).out, /balanced/);
  });

  it('tells programs what was selected and what was done, in one document', async () => {
    await world.write('fnal/all_0000176852_001.raw', 'another file');
    await world.rereco('reconcile', '--until', 'settled');
    const none = await world.json('clean', '--dataset', 'p17', '--group', 'no such failure');
    assert.deepEqual(none, { selected: [], done: [], round: null });
    const unasked = await world.rereco('clean', '--dataset', 'p17', '-o', 'json');
    assert.deepEqual([unasked.code, JSON.parse(unasked.out).done], [2, []]);

    const cleaned = (await world.json('clean', '--dataset', 'p17', '--yes')) as Cleaning;
    assert.deepEqual(
      cleaned.selected.map(({ dataset, kind, name, state }) => [dataset, kind, name, state]),
      [['p17', 'input', 'all_0000176852_001.raw', 'error']],
    );
    assert.deepEqual(
      cleaned.done.map(({ dataset, files }) => [dataset, files]),
      [['p17', 1]],
    );
    assert.equal(cleaned.round, null);
    await world.rereco('reconcile', '--until', 'settled');
    const again = (await world.json('resubmit', '--dataset', 'p17', '--yes')) as Cleaning;
    assert.equal(again.done.length, 1);
    assert.ok((again.round?.passes.length ?? 0) > 0);
  });

  it('asks before it cleans, and needs --yes where it cannot ask', async () => {
    await world.write('fnal/all_0000176852_001.raw', 'another file');
    await world.rereco('reconcile', '--until', 'settled');
    const refused = await world.rereco('clean', '--dataset', 'p17');
    assert.equal(refused.code, 2);
    assert.match(refused.err, /--yes/);
  });

  it('puts away what is written under an attempt that is over, and tells of it', async () => {
    await world.rereco('reconcile', '--until', 'settled');
    const jobs = (await world.json('get', 'jobs')) as readonly { name: string; type: string }[];
    const job = jobs.find((one) => one.type === 'd0reco');
    const late = world.at('hpss/.rereco/attempts', job?.name ?? '');
    await mkdir(late, { recursive: true });
    await writeFile(`${late}/reco_late`, 'DST 1 2 3\n');

    await world.rereco('reconcile');
    assert.equal(existsSync(late), false);
    assert.match((await world.rereco('errors')).out, /late output/);
    const [folder] = await readdir(world.at('hpss/.rereco/quarantine'));
    assert.equal((await readdir(world.at('hpss/.rereco/quarantine', folder ?? ''))).length, 1);
  });

  it('does nothing with a database from another day until it is told to adopt', async () => {
    await world.rereco('reconcile');
    const marker = JSON.parse(await world.read('hpss/.rereco/installation.json'));
    const later = { ...marker, serial: marker.serial + 100 };
    await world.write('hpss/.rereco/installation.json', JSON.stringify(later));
    const refused = await world.rereco('reconcile', '--until', 'settled');
    assert.notEqual(refused.code, 0);
    assert.match(refused.err, /rereco db adopt/);

    const adopted = (await world.json('db', 'adopt')) as { readonly places: readonly unknown[] };
    assert.deepEqual(
      adopted.places.find((one) => (one as { place: string }).place === 'store hpss'),
      { place: 'store hpss', was: later, now: marker.installation },
    );
    const settled = await world.rereco('reconcile', '--until', 'settled');
    assert.equal(settled.code, 0, settled.out + settled.err);
  });

  it('takes an emptied store for a disk that is not mounted, not for lost files', async () => {
    await world.write('fnal/all_0000176852_001.raw', 'another file');
    await world.rereco('reconcile', '--until', 'settled');
    const before = await inputs(world);
    await rename(world.at('hpss'), world.at('elsewhere'));
    await mkdir(world.at('hpss'));
    const ran = await world.rereco('reconcile', '--until', 'settled');
    assert.equal(ran.code, 1);
    assert.match(ran.err, /mounted/);
    assert.deepEqual(await inputs(world), before);
  });

  it('runs what is new again only where the spec says so', async () => {
    await world.rereco('reconcile', '--until', 'settled');
    const next = DATASET.replace('p17.03.03', 'p17.05.01');
    await world.write('campaign.yaml', `${SITE}---\n${next}`);
    const kept = await world.rereco('reconcile', '--until', 'settled');
    assert.equal(kept.code, 0, kept.out + kept.err);
    assert.ok(!(await readdir(world.at('far'))).some((name) => name.includes('p17.05.01')));

    await world.write('campaign.yaml', `${SITE}---\n${next}  onChange: reprocess\n`);
    const again = await world.rereco('reconcile', '--until', 'settled');
    assert.equal(again.code, 0, again.out + again.err);
    assert.ok((await readdir(world.at('far'))).some((name) => name.includes('p17.05.01')));
  });
});

describe('rereco watch', function () {
  this.timeout(600_000);
  let world: World;
  beforeEach(async () => {
    world = await aCampaign(3);
  });
  afterEach(() => world.close());

  it('takes up a spec that is committed while it watches, and ends after SIGTERM', async () => {
    const spec = await world.read('campaign.yaml');
    await world.write('campaign.yaml', SITE);
    await world.rereco('db', 'start');
    const watcher = spawn(process.execPath, [PROGRAM, 'watch', '.'], {
      cwd: world.folder,
      env: { ...process.env, RERECO_STATE: world.at('.rereco') },
    });
    let out = '';
    watcher.stdout.on('data', (chunk) => {
      out += chunk;
    });
    const ended = new Promise<number | null>((resolve) => {
      watcher.on('close', resolve);
    });
    await until(180, async () => out.includes('0 datasets'));

    await world.write('campaign.yaml', spec);
    await until(180, async () => out.includes('1 dataset: p17'));
    await until(180, async () => (await inputs(world)).every((file) => file.state === 'copied'));

    watcher.kill('SIGTERM');
    assert.equal(await ended, 0);
  });
});
