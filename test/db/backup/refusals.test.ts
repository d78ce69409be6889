import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, open, readFile, truncate, writeFile } from 'node:fs/promises';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import { checkBackup } from '../../../db/backup/check.ts';
import { BackupError } from '../../../db/backup/errors.ts';
import { restoreBackup } from '../../../db/backup/restore.ts';
import { MIGRATIONS } from '../../../db/migrations/index.ts';
import { aBackupWorld, type BackupWorld, backUp, catalogIn, never, type Place, restore } from './world.ts';

const quiet = () => undefined;
const check = (file: string) => checkBackup(file, quiet, never);

/** A refusal in words a person can act on. */
const refusal = (words: RegExp) => (error: unknown) =>
  error instanceof BackupError && words.test(error.message);

describe('a backup that is not whole', function () {
  this.timeout(600_000);
  let world: BackupWorld;
  let good: string;
  before(async () => {
    world = await aBackupWorld();
    good = world.at('good.tar');
    await backUp(await world.campaign(), good);
  });
  after(() => world.close());

  it('is refused wherever it was cut', async () => {
    const { length } = await readFile(good);
    const cut = world.at('cut.tar');
    // The last 1024 bytes are the tar's own end, with nothing in them.
    for (const at of [1, 511, 512, 513, 4000, length / 3, length / 2, length - 2048, length - 1025]) {
      await copyFile(good, cut);
      await truncate(cut, Math.floor(at));
      await assert.rejects(check(cut), refusal(/not a backup|damaged/), `cut at ${at}`);
    }
  });

  it('is refused, or reads the same, whichever byte was flipped', async () => {
    const whole = await check(good);
    const bytes = await readFile(good);
    const flipped = world.at('flipped.tar');
    const read = { refused: 0, same: 0 };
    for (let at = 0; at < bytes.length; at += 397) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0x20;
      await writeFile(flipped, changed);
      const found = await check(flipped).catch((error: unknown) => {
        assert.ok(error instanceof BackupError, `byte ${at}: ${error}`);
        return null;
      });
      if (found === null) read.refused += 1;
      else {
        read.same += 1;
        assert.deepEqual({ ...found, file: good }, whole, `byte ${at}`);
      }
    }
    // What may be flipped without harm is the filling between the files of a tar.
    assert.ok(read.refused > 10 * read.same, JSON.stringify(read));
  });

  for (const { it: title, make, words } of [
    { it: 'refuses an empty file', make: (file: string) => writeFile(file, ''), words: /is not a backup/ },
    {
      it: 'refuses a text',
      make: (file: string) => writeFile(file, 'hello '.repeat(1000)),
      words: /no whole tar/,
    },
    { it: 'refuses a folder', make: (file: string) => mkdir(file), words: /is a folder/ },
    { it: 'refuses a missing file', make: async () => undefined, words: /there is no such file/ },
    {
      it: 'refuses a compressed backup, and says what to do',
      make: async (file: string) => writeFile(file, createReadStream(good).pipe(createGzip())),
      words: /uncompress/,
    },
  ]) {
    it(title, async () => {
      const file = world.at(title.replaceAll(' ', '-'));
      await make(file);
      await assert.rejects(check(file), refusal(words));
    });
  }

  it('changes nothing when the file is changed after it was checked', async () => {
    const file = world.at('later.tar');
    await copyFile(good, file);
    const backup = await check(file);
    const bytes = await readFile(file);
    const at = bytes.indexOf('\tinput\tf499\t');
    const handle = await open(file, 'r+');
    await handle.write('\tinput\tx499\t', at);
    await handle.close();
    const { database, schema, catalog } = world.place();
    const options = {
      database,
      backup,
      catalog: catalogIn(catalog),
      existing: 'refuse',
      migrations: MIGRATIONS,
    } as const;
    await assert.rejects(restoreBackup({ ...options, tell: quiet }, never), refusal(/was changed/));
    assert.deepEqual([await world.schemas(schema), await world.schemas(catalog)], [[], []]);
  });
});

describe('restoring', function () {
  this.timeout(600_000);
  let world: BackupWorld;
  let good: string;
  let to: Place;
  before(async () => {
    world = await aBackupWorld();
    good = world.at('good.tar');
    await backUp(await world.campaign(), good);
  });
  beforeEach(async () => {
    to = await world.campaign();
  });
  after(() => world.close());

  /** Try to restore, and find everything as it was. */
  async function refused(
    words: RegExp,
    ...more: Parameters<typeof restore> extends [Place, string, ...infer R] ? R : never
  ) {
    const all = async () => [
      await world.rowsOf(to.schema),
      await world.rowsOf(to.catalog),
      await world.schemas(to.schema),
    ];
    const before = await all();
    await assert.rejects(restore(to, good, ...more), refusal(words));
    assert.deepEqual(await all(), before);
  }

  it('refuses where a campaign is on record', () => refused(/campaign on record already \(p17\).*--replace/));

  it('refuses where the catalog has files, though no campaign is on record', async () => {
    await world.query(`DROP SCHEMA "${to.schema}" CASCADE`);
    await refused(/embedded catalog .* has files already.*--replace/);
  });

  it('keeps what was there under another name, as it was', async () => {
    await world.query(`UPDATE "${to.schema}".datasets SET name = 'the old one'`);
    const before = [await world.rowsOf(to.schema), await world.rowsOf(to.catalog)];
    const { keptAs } = await restore(to, good, 'keep');
    assert.match(keptAs.join(), /^t_\w+_before_[0-9_]+,t_\w+_before_[0-9_]+$/);
    assert.deepEqual(await Promise.all(keptAs.map(world.rowsOf)), before);
    assert.equal((await restore(to, good, 'keep')).keptAs.length, 2);
  });

  it('refuses while somebody holds a lease, even to keep it', async () => {
    await world.query(
      `UPDATE "${to.schema}".leases SET holder = 'watch on lyon', (backend_pid, backend_start) =
       (SELECT pid, backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid())`,
    );
    await refused(/watch on lyon is at work: stop it/, 'keep');
  });

  it('refuses a schema that is not ours', async () => {
    await world.query(`DROP TABLE "${to.schema}".knex_migrations`);
    await refused(/not rereco's.*RERECO_SCHEMA/, 'keep');
  });

  it('refuses a backup of a newer program, naming it', async () => {
    const newer = await world.campaign();
    await world.query(`INSERT INTO "${newer.schema}".knex_migrations (name, batch) VALUES ('0999-later', 2)`);
    await backUp(newer, world.at('newer.tar'));
    const before = await world.rowsOf(to.schema);
    await assert.rejects(
      restore(to, world.at('newer.tar'), 'keep'),
      refusal(/newer rereco .*0\.0\.1.*0999-later/),
    );
    assert.deepEqual(await world.rowsOf(to.schema), before);
  });

  it('brings a backup of an older program up to date', async () => {
    const later = {
      name: '0999-later',
      up: async (knex: { raw(sql: string): PromiseLike<unknown> }) => {
        await knex.raw(`ALTER TABLE datasets ADD COLUMN later text NOT NULL DEFAULT 'now'`);
      },
      down: async () => undefined,
    };
    const migrations = [...MIGRATIONS, later];
    const { migrated } = await restore(to, good, 'keep', { migrations });
    assert.deepEqual(migrated, ['0999-later']);
    const [row] = await world.query(`SELECT name, later FROM "${to.schema}".datasets`);
    assert.deepEqual({ ...row }, { name: 'p17', later: 'now' });
  });

  it('waits for nobody for ever', async () => {
    const holder = new pg.Client(to.database.connection);
    await holder.connect();
    try {
      await holder.query(`BEGIN; LOCK TABLE "${to.schema}".datasets IN ACCESS SHARE MODE`);
      await refused(/somebody is at work/, 'keep');
    } finally {
      await holder.end();
    }
  });

  it('leaves everything as it was when it is stopped in the middle', async () => {
    const before = await world.rowsOf(to.schema);
    const stop = new AbortController();
    const backup = await check(good);
    const options = {
      database: to.database,
      backup,
      catalog: catalogIn(to.catalog),
      existing: 'keep',
      migrations: MIGRATIONS,
    } as const;
    const tell = ({ table }: { readonly table: string }) => {
      if (table === 'campaign/file_details') stop.abort(new Error('stopped'));
    };
    await assert.rejects(restoreBackup({ ...options, tell }, stop.signal));
    assert.deepEqual(await world.rowsOf(to.schema), before);
    assert.equal((await restore(to, good, 'keep')).keptAs.length, 2);
  });
});
