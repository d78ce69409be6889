import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import {
  type EmbeddedCatalogOptions,
  embeddedCatalog,
} from '../../reconcilers/drivers/catalog/embedded/embedded-catalog.ts';
import type { Catalog, CatalogFile } from '../../reconcilers/ports/catalog.ts';
import { aCatalogFile, aDeclaration, behavesLikeACatalog } from '../contract/catalog.ts';
import { type TestDatabase, testDatabase } from '../postgres.ts';
import { tcpProxy } from '../tcp-proxy.ts';

const never = new AbortController().signal;

function lineOf(file: CatalogFile): string {
  return JSON.stringify({
    file_name: file.name,
    file_size: file.sizeBytes,
    event_count: file.eventCount,
    checksum: file.checksums,
    data_tier: file.dataTier,
    ...(file.run === null ? {} : { runs: [[file.run, 0, 'physics']] }),
    parents: file.parents,
    locations: file.locations,
    stream: 'all',
  });
}

/** Replace a manifest in one step, as its users are told to. */
async function writeManifest(path: string, files: readonly CatalogFile[]): Promise<void> {
  await writeFile(`${path}.new`, files.map((file) => `${lineOf(file)}\n`).join(''));
  await rename(`${path}.new`, path);
}

async function namesOf(catalog: Catalog, query: string): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const page of catalog.members({ query }, never)) names.push(...page.map(({ name }) => name));
  return names;
}

describe('the embedded catalog', function () {
  this.timeout(600_000);
  let database: TestDatabase;
  let folder: string;
  let manifest: string;
  const opened: (() => Promise<void>)[] = [];

  before(async () => {
    database = await testDatabase();
  });
  after(() => database.close());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rereco-catalog-'));
    manifest = join(folder, 'raw.ndjson');
  });
  afterEach(async () => {
    for (const close of opened.splice(0)) await close();
    await rm(folder, { recursive: true });
  });

  function open(options: Partial<EmbeddedCatalogOptions> = {}) {
    const schema = options.schema ?? database.schema('catalog');
    const defaults = { connection: database.connection, manifests: [manifest], definitions: {} };
    const catalog = embeddedCatalog({ ...defaults, timeoutMs: 20_000, ...options, schema });
    opened.push(() => catalog.close());
    return { catalog, schema };
  }

  async function sql(text: string): Promise<readonly Record<string, unknown>[]> {
    const client = new pg.Client(database.connection);
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  describe('as a catalog', () => {
    behavesLikeACatalog({
      open: async ({ files, definitions }) => {
        await writeManifest(manifest, files);
        const proxy = await tcpProxy(database.connection);
        const { catalog } = open({ connection: proxy.connection, definitions });
        opened.push(() => proxy.close());
        // The manifest is in, so that what is cut is an answer.
        await catalog.describe([], 0, never);
        return { ...proxy, catalog, cutAnswersInHalf: () => proxy.cutAfter(400_000), close: () => undefined };
      },
    });
  });

  describe('and its manifests', () => {
    it('follows a manifest: new files, changed ones, and those that left', async () => {
      const { catalog, schema } = open();
      await writeManifest(manifest, [aCatalogFile(), aCatalogFile({ name: 'b.raw' })]);
      assert.deepEqual(await namesOf(catalog, 'tier raw'), ['a.raw', 'b.raw']);

      await writeManifest(manifest, [aCatalogFile({ sizeBytes: 7 }), aCatalogFile({ name: 'c.raw' })]);
      const { found, complete } = await catalog.describe(['a.raw', 'b.raw', 'c.raw'], 0, never);
      assert.deepEqual([...found.keys()].sort(), ['a.raw', 'c.raw']);
      assert.equal(found.get('a.raw')?.sizeBytes, 7);
      assert.equal(complete, true);
      assert.deepEqual(await namesOf(catalog, 'tier raw'), ['a.raw', 'c.raw']);
      assert.deepEqual(await sql(`SELECT name, metadata FROM "${schema}".files WHERE retired`), [
        { name: 'b.raw', metadata: { stream: 'all' } },
      ]);
    });

    it('keeps the last good import of a manifest that broke, and calls unknown what it cannot say', async () => {
      const { catalog } = open();
      await writeManifest(manifest, [aCatalogFile()]);
      await namesOf(catalog, 'tier raw');
      await writeFile(manifest, `${lineOf(aCatalogFile({ name: 'b.raw' }))}\n{"file_name": 3}\n`);

      const sentence = `${manifest}:2: file_name must be a text`;
      await assert.rejects(namesOf(catalog, 'tier raw'), { code: 'rejected', message: sentence });
      const seen = await catalog.describe(['a.raw', 'b.raw'], 0, never);
      assert.deepEqual([...seen.found.keys()], ['a.raw']);
      assert.deepEqual([...seen.unknown], [['b.raw', sentence]]);
      assert.equal(seen.complete, false);
    });

    it('never takes the files of a missing manifest for gone', async () => {
      const { catalog } = open();
      await writeManifest(manifest, [aCatalogFile()]);
      await namesOf(catalog, 'tier raw');
      await rm(manifest);
      await assert.rejects(namesOf(catalog, 'tier raw'), { code: 'unavailable' });
      assert.equal((await catalog.describe(['a.raw'], 0, never)).found.size, 1);
    });

    it('retires a file only when no manifest names it', async () => {
      const other = join(folder, 'other.ndjson');
      const { catalog } = open({ manifests: [manifest, other] });
      await writeManifest(manifest, [aCatalogFile()]);
      await writeManifest(other, [aCatalogFile()]);
      await namesOf(catalog, 'tier raw');
      await writeManifest(manifest, []);
      assert.deepEqual(await namesOf(catalog, 'tier raw'), ['a.raw']);
      await writeManifest(other, []);
      assert.deepEqual(await namesOf(catalog, 'tier raw'), []);
    });

    it('leaves declared files and added locations alone', async () => {
      const { catalog } = open();
      await writeManifest(manifest, [aCatalogFile({ locations: ['tape:a'] })]);
      await catalog.declare([aDeclaration()], never);
      await namesOf(catalog, 'tier raw');
      await catalog.addLocations([{ name: 'a.raw', location: 'disk:a' }], never);
      await writeManifest(manifest, [
        aCatalogFile({ locations: ['tape:a2'] }),
        aCatalogFile({ name: 'a.dst', sizeBytes: 1 }),
      ]);
      const { found } = await catalog.describe(['a.raw', 'a.dst'], 0, never);
      assert.deepEqual(found.get('a.raw')?.locations, ['tape:a2', 'disk:a']);
      assert.equal(found.get('a.dst')?.sizeBytes, aDeclaration().sizeBytes);
    });

    it('gives the name of a retired file to no declaration', async () => {
      const { catalog } = open();
      await writeManifest(manifest, [aCatalogFile()]);
      await namesOf(catalog, 'tier raw');
      await writeManifest(manifest, []);
      await namesOf(catalog, 'tier raw');
      const { sizeBytes, checksums, parents } = { ...aCatalogFile(), sizeBytes: 100 };
      const again = aDeclaration({ name: 'a.raw', sizeBytes, checksums, parents });
      const outcome = (await catalog.declare([again], never)).get('a.raw');
      assert.equal(outcome?.ok === false && outcome.code, 'conflict');
    });

    it('writes no row for a manifest that was only touched', async () => {
      const { catalog, schema } = open();
      await writeManifest(manifest, [aCatalogFile()]);
      await namesOf(catalog, 'tier raw');
      const version = `SELECT xmin::text FROM "${schema}".files`;
      const before = await sql(version);
      await writeManifest(manifest, [aCatalogFile()]);
      await namesOf(catalog, 'tier raw');
      assert.deepEqual(await sql(version), before);
    });

    it('imports a manifest once when several ask at the same time', async () => {
      const schema = database.schema('catalog');
      await writeManifest(manifest, [aCatalogFile(), aCatalogFile({ name: 'b.raw' })]);
      const catalogs = Array.from({ length: 4 }, () => open({ schema }).catalog);
      const answers = await Promise.all(catalogs.map((catalog) => namesOf(catalog, 'tier raw')));
      assert.deepEqual(answers, Array(4).fill(['a.raw', 'b.raw']));
    });

    it('imports 100,000 lines', async () => {
      const { catalog } = open();
      const many = Array.from({ length: 100_000 }, (_, n) =>
        aCatalogFile({ name: `all_${n}.raw`, run: n % 500 }),
      );
      await writeManifest(manifest, many);
      const started = performance.now();
      await catalog.describe([], 0, never);
      const imported = performance.now();
      assert.equal((await namesOf(catalog, 'run 0-499')).length, 100_000);
      const read = performance.now();
      await writeManifest(manifest, many.slice(1));
      const changed = performance.now();
      await catalog.describe([], 0, never);
      const times = [imported - started, read - imported, performance.now() - changed].map(Math.round);
      console.log(
        `        imported in ${times[0]} ms, read in ${times[1]} ms, one file retired in ${times[2]} ms`,
      );
    });
  });

  describe('and its schema', () => {
    it('describes every table and column', async () => {
      const { catalog, schema } = open({ manifests: [] });
      await namesOf(catalog, 'tier raw');
      const bare = await sql(
        `SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = '"${schema}"'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
           AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid) IS NULL)`,
      );
      assert.deepEqual(bare, []);
    });

    it('refuses a schema that a newer program made', async () => {
      const { catalog, schema } = open({ manifests: [] });
      await namesOf(catalog, 'tier raw');
      await sql(`UPDATE "${schema}".catalog_version SET version = 99`);
      await assert.rejects(namesOf(catalog, 'tier raw'), { code: 'forbidden', message: /version 99/ });
    });
  });

  describe('in a dry run', () => {
    const tables = (schema: string) => sql(`SELECT to_regnamespace('"${schema}"') IS NOT NULL AS there`);

    it('answers from the manifests where there is no schema, and makes none', async () => {
      const { catalog, schema } = open({ readOnly: true });
      await writeManifest(manifest, [
        aCatalogFile({ name: 'é' }),
        aCatalogFile({ name: '\u{1F600}' }),
        aCatalogFile(),
      ]);
      assert.deepEqual(await namesOf(catalog, 'tier raw'), ['a.raw', 'é', '\u{1F600}']);
      assert.deepEqual(await tables(schema), [{ there: false }]);
    });

    it('answers from the manifests where there is no database at all', async () => {
      const { catalog } = open({ readOnly: true, connection: async () => undefined });
      await writeManifest(manifest, [aCatalogFile()]);
      assert.deepEqual(await namesOf(catalog, 'tier raw'), ['a.raw']);
    });

    it('answers as the next import would, and imports nothing', async () => {
      const { catalog, schema } = open();
      await writeManifest(manifest, [aCatalogFile(), aCatalogFile({ name: 'b.raw' })]);
      await namesOf(catalog, 'tier raw');
      await catalog.declare([aDeclaration()], never);
      await catalog.addLocations([{ name: 'a.raw', location: 'disk:a' }], never);
      await writeManifest(manifest, [aCatalogFile({ sizeBytes: 7 }), aCatalogFile({ name: 'c.raw' })]);

      const dump = `SELECT f.*, f.xmin::text FROM "${schema}".files f ORDER BY name`;
      const before = await sql(dump);
      const dry = open({ readOnly: true, schema }).catalog;
      const names = ['a.raw', 'b.raw', 'c.raw', 'a.dst'];
      const imagined = [await namesOf(dry, 'run 1'), await dry.describe(names, 0, never)];
      assert.deepEqual(await sql(dump), before);
      const real = [await namesOf(catalog, 'run 1'), await catalog.describe(names, 0, never)];
      assert.deepEqual(imagined, real);
    });

    it('refuses every change', async () => {
      const { catalog } = open({ readOnly: true });
      await assert.rejects(catalog.declare([aDeclaration()], never), { code: 'forbidden' });
      await assert.rejects(catalog.addLocations([], never), { code: 'forbidden' });
      await assert.rejects(catalog.retract(['a.dst'], never), { code: 'forbidden' });
    });
  });

  describe('and its server', () => {
    it('connects to nothing before it is asked', async () => {
      let asked = 0;
      const connection = async () => {
        asked++;
        return database.connection;
      };
      const { catalog } = open({ connection, manifests: [] });
      assert.equal(asked, 0);
      await namesOf(catalog, 'tier raw');
      await namesOf(catalog, 'tier raw');
      assert.equal(asked, 1);
    });

    it('asks again where the server is after it could not connect', async () => {
      const [first, second] = [await tcpProxy(database.connection), await tcpProxy(database.connection)];
      opened.push(first.close, second.close);
      let current = first;
      const { catalog } = open({ connection: async () => current.connection, manifests: [] });
      await namesOf(catalog, 'tier raw');
      first.goDown();
      await assert.rejects(namesOf(catalog, 'tier raw'), { code: 'unavailable' });
      current = second;
      assert.deepEqual(await namesOf(catalog, 'tier raw'), []);
    });

    it('says unavailable when its connection ends in the middle of an answer', async () => {
      const many = Array.from({ length: 6_000 }, (_, n) => aCatalogFile({ name: `${n}.raw` }));
      await writeManifest(manifest, many);
      const proxy = await tcpProxy(database.connection);
      opened.push(proxy.close);
      const { catalog } = open({ connection: proxy.connection });
      const pages = catalog.members({ query: 'tier raw' }, never)[Symbol.asyncIterator]();
      assert.equal((await pages.next()).value?.length, 5_000);
      proxy.goDown();
      await assert.rejects(pages.next(), { code: 'unavailable' });
      proxy.comeBack();
      assert.equal((await namesOf(catalog, 'tier raw')).length, 6_000);
    });

    it('gives the view of one moment, whatever is declared meanwhile', async () => {
      const many = Array.from({ length: 6_000 }, (_, n) => aCatalogFile({ name: `${n}.raw` }));
      await writeManifest(manifest, many);
      const { catalog } = open();
      let count = 0;
      for await (const page of catalog.members({ query: 'run 1' }, never)) {
        await catalog.declare([aDeclaration({ name: `z${count}` })], never);
        count += page.length;
      }
      assert.equal(count, 6_000);
    });

    it('stops waiting for a server that has gone silent, and for a signal', async () => {
      const proxy = await tcpProxy(database.connection);
      opened.push(proxy.close);
      const { catalog } = open({ connection: proxy.connection, manifests: [], timeoutMs: 300 });
      await namesOf(catalog, 'tier raw');
      proxy.stall();
      await assert.rejects(catalog.describe(['a'], 0, never), { code: 'unavailable' });
      const stop = new AbortController();
      const asked = catalog.describe(['a'], 0, stop.signal);
      stop.abort();
      await assert.rejects(asked, { name: 'AbortError' });
      proxy.comeBack();
      assert.deepEqual(await namesOf(catalog, 'tier raw'), []);
    });
  });
});
