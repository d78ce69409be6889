import assert from 'node:assert/strict';
import { aBackupWorld, type BackupWorld, backUp, type Place, restore } from './world.ts';

/** What a schema is made of beside its rows: columns, indexes, constraints, views, comments. */
async function makeOf(world: BackupWorld, schema: string): Promise<readonly string[]> {
  const rows = await world.query(
    `SELECT 'column ' || c.relname || ' ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull
         || CAST(a.attidentity AS text) || CAST(a.attgenerated AS text) || ' ' || COALESCE(pg_get_expr(d.adbin, d.adrelid), '') || ' '
         || COALESCE(col_description(c.oid, a.attnum), '') AS line
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
       LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum WHERE c.relnamespace = to_regnamespace($1)
     UNION ALL SELECT 'index ' || pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
       WHERE c.relnamespace = to_regnamespace($1)
     UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
       WHERE connamespace = to_regnamespace($1)
     UNION ALL SELECT 'table ' || relname || ' ' || CAST(relkind AS text) || ' ' || COALESCE(obj_description(oid, 'pg_class'), '') || ' '
         || COALESCE(reloptions::text, '') || CASE relkind WHEN 'v' THEN pg_get_viewdef(oid) ELSE '' END
       FROM pg_class WHERE relnamespace = to_regnamespace($1)
     ORDER BY 1`,
    [schema],
  );
  return rows.map(({ line }) => String(line).replaceAll(schema, 'THE_SCHEMA'));
}

describe('a backup', function () {
  this.timeout(600_000);
  let world: BackupWorld;
  let source: Place;
  before(async () => {
    world = await aBackupWorld();
    source = await world.campaign();
    await backUp(source, world.at('good.tar'));
  });
  after(() => world.close());

  it('is restored with every row of every table, the embedded catalog among them', async () => {
    const to = world.place();
    const restored = await restore(to, world.at('good.tar'));
    const [rows, catalog] = [await world.rowsOf(source.schema), await world.rowsOf(source.catalog)];
    // A lease of before is nobody's any more.
    const but = (all: ReadonlyMap<string, string>) => [...all].filter(([name]) => name !== 'leases');
    assert.deepEqual(but(await world.rowsOf(to.schema)), but(rows));
    assert.deepEqual(await world.rowsOf(to.catalog), catalog);
    assert.equal(restored.tables, rows.size + catalog.size);
    assert.deepEqual([restored.keptAs, restored.leftOut, restored.migrated], [[], [], []]);
  });

  it('brings back indexes, constraints, views, comments and identities as the migrations make them', async () => {
    const to = world.place();
    await restore(to, world.at('good.tar'));
    const made = await makeOf(world, source.schema);
    assert.ok(made.length > 200);
    assert.deepEqual(await makeOf(world, to.schema), made);
    assert.deepEqual(await makeOf(world, to.catalog), await makeOf(world, source.catalog));
  });

  it('goes on with numbers above all that were restored', async () => {
    const to = world.place();
    await restore(to, world.at('good.tar'));
    const [pass] = await world.query(
      `INSERT INTO "${to.schema}".passes (dataset_id, phase, holder, epoch, at_ms) VALUES (1, 'a', 'b', 1, 1) RETURNING id`,
    );
    const [file] = await world.query(`SELECT nextval('"${to.schema}".file_ids') AS id`);
    assert.deepEqual([Number(pass?.id), Number(file?.id)], [2, 100_001]);
  });

  it('ends every lease, and lets no epoch come twice', async () => {
    const to = await world.campaign();
    await world.query(`UPDATE "${to.schema}".leases SET epoch = 100`);
    await restore(to, world.at('good.tar'), 'keep');
    const [lease] = await world.query(`SELECT epoch, expires_ms AS expires FROM "${to.schema}".leases`);
    assert.deepEqual([Number(lease?.epoch), Number(lease?.expires)], [101, 0]);
  });

  it('has what the manifest says: the installation, its number, migrations, columns and rows', async () => {
    const manifest = await backUp(source, world.at('told.tar'));
    assert.equal(manifest.installation.serial, 42);
    assert.ok(manifest.migrations.includes('0001-campaign'));
    const campaign = manifest.parts.find(({ name }) => name === 'campaign');
    const details = campaign?.tables.find(({ name }) => name === 'file_details');
    assert.equal(details?.rows, 501);
    assert.ok(details?.columns.includes('parent_id'));
    // A generated column is made again, not copied.
    const catalog = manifest.parts.find(({ name }) => name === 'catalog');
    assert.ok(!catalog?.tables.find(({ name }) => name === 'files')?.columns.includes('retired'));
  });

  it('is of one moment, whatever is written meanwhile', async () => {
    let writing = true;
    const writer = (async () => {
      for (let run = 0; writing; run += 1) {
        await world.query(
          `WITH d AS (INSERT INTO "${source.schema}".file_details (dataset_id, kind, name, data_tier, created_ms)
             VALUES (1, 'input', $1, 'raw', 1) RETURNING id)
           INSERT INTO "${source.schema}".input_states (file_id, dataset_id, state, since_ms, machine_version)
           SELECT id, 1, 'pending', 1, 1 FROM d`,
          [`busy${run}`],
        );
      }
    })();
    const manifests = [];
    for (let run = 0; run < 5; run += 1) manifests.push(await backUp(source, world.at('busy.tar')));
    writing = false;
    await writer;
    for (const { parts } of manifests) {
      const rows = new Map(parts.flatMap(({ tables }) => tables.map((table) => [table.name, table.rows])));
      assert.equal(rows.get('file_details'), (rows.get('input_states') ?? 0) + 1);
    }
    assert.ok((await restore(world.place(), world.at('busy.tar'))).rows > 1000);
  });

  it('leaves the catalog out where no dataset has used it', async () => {
    const plain = await world.campaign();
    await world.query(
      `UPDATE "${plain.schema}".generations SET loaded = '{"site": {"catalog": {"driver": "sam"}}}'`,
    );
    const { parts } = await backUp(plain, world.at('plain.tar'));
    assert.deepEqual(
      parts.map(({ name }) => name),
      ['campaign'],
    );
    const to = await world.campaign();
    const before = await world.rowsOf(to.catalog);
    await restore(to, world.at('plain.tar'), 'keep');
    assert.deepEqual(await world.rowsOf(to.catalog), before);
  });

  it("keeps other people's tables in the file, and says so", async () => {
    const shared = await world.campaign();
    await world.query(`CREATE TABLE "${shared.schema}".notes AS SELECT 'mine' AS text`);
    await backUp(shared, world.at('shared.tar'));
    const restored = await restore(world.place(), world.at('shared.tar'));
    assert.deepEqual(restored.leftOut, ['campaign/notes']);
  });
});
