import assert from 'node:assert/strict';
import type { Catalog, CatalogFile, Declaration, MembersQuestion } from '../../reconcilers/ports/catalog.ts';
import type { CatalogContents } from '../memory/catalog.ts';

/** An open catalog with a world that can be disturbed. */
export interface OpenCatalog {
  readonly catalog: Catalog;
  /** The system stops answering. */
  goDown(): Promise<void> | void;
  /** It answers again, in full. */
  comeBack(): Promise<void> | void;
  /** Answers break off before their end, from the next call on. */
  cutAnswersInHalf(): Promise<void> | void;
  close(): Promise<void> | void;
}

export interface CatalogUnderTest {
  open(contents: CatalogContents): Promise<OpenCatalog> | OpenCatalog;
}

const never = new AbortController().signal;
const NOON = 1_000_000;

/** A file with defaults, so that a test names only what it is about. */
export function aCatalogFile(fields: Partial<CatalogFile> = {}): CatalogFile {
  return {
    name: 'a.raw',
    sizeBytes: 100,
    eventCount: 10,
    checksums: ['adler32:0a1b2c3d'],
    dataTier: 'raw',
    run: 1,
    parents: [],
    locations: [],
    ...fields,
  };
}

/** A declaration with defaults. */
export function aDeclaration(fields: Partial<Declaration> = {}): Declaration {
  const { locations: _, ...described } = aCatalogFile({ name: 'a.dst', dataTier: 'dst', parents: ['a.raw'] });
  const application = { family: 'reconstruction', name: 'd0reco', version: 'p17' };
  return {
    ...described,
    sizeBytes: 50,
    dataTier: 'dst',
    application,
    metadata: { said: 'so\u0000' },
    ...fields,
  };
}

async function namesOf(catalog: Catalog, question: MembersQuestion): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const page of catalog.members(question, never)) names.push(...page.map(({ name }) => name));
  return names.sort();
}

/** More than any driver puts on a page. */
const MANY = 12_000;

const CONTENTS: CatalogContents = {
  files: [
    aCatalogFile({ name: 'a.raw', locations: ['tape:raw/a.raw'] }),
    aCatalogFile({ name: 'b.raw', run: 2, sizeBytes: null, eventCount: null, checksums: [] }),
    aCatalogFile({ name: 'q\'uo"te%_\\ ünï\n.raw', run: 3, parents: ['unknown.parent'] }),
    ...Array.from({ length: MANY }, (_, n) =>
      aCatalogFile({ name: `sim-${String(n).padStart(6, '0')}`, dataTier: 'simulated', run: null }),
    ),
  ],
  definitions: { 'all-raw': 'data_tier raw', 'early-raw': 'definition all-raw and run 1-2' },
};

function asksForFiles(current: () => OpenCatalog): void {
  it('gives the files of a query and of a definition', async () => {
    const { catalog } = current();
    assert.deepEqual(await namesOf(catalog, { definition: 'early-raw' }), ['a.raw', 'b.raw']);
    assert.deepEqual(await namesOf(catalog, { query: 'data_tier raw and run_number 1' }), ['a.raw']);
    assert.deepEqual(await namesOf(catalog, { query: 'data_tier none-such' }), []);
  });

  it('gives a long answer in pages, each file once', async () => {
    const { catalog } = current();
    const names: string[] = [];
    for await (const page of catalog.members({ query: 'data_tier simulated' }, never)) {
      assert.ok(page.length <= 10_000, `a page of ${page.length}`);
      names.push(...page.map(({ name }) => name));
    }
    assert.equal(names.length, MANY);
    assert.equal(new Set(names).size, MANY);
  });

  it('answers no to an unknown definition and to a query that does not parse', async () => {
    const { catalog } = current();
    await assert.rejects(namesOf(catalog, { definition: 'none-such' }), { code: 'rejected' });
    await assert.rejects(namesOf(catalog, { definition: 'constructor' }), { code: 'rejected' });
    await assert.rejects(namesOf(catalog, { query: 'data_tier' }), {
      code: 'rejected',
      message: /column \d+/,
    });
  });

  it('describes what it knows, and is complete about what it does not', async () => {
    const asked = ['q\'uo"te%_\\ ünï\n.raw', 'a.raw', 'b.raw', 'nobody', '', 'nul\u0000', '\ud800'];
    const seen = await current().catalog.describe(asked, NOON, never);
    assert.equal(seen.askedAt, NOON);
    assert.equal(seen.complete, true);
    assert.equal(seen.unknown.size, 0);
    const expected = CONTENTS.files.slice(0, 3).map((file) => [file.name, file] as const);
    assert.deepEqual(new Map(seen.found), new Map(expected));
  });
}

function declares(current: () => OpenCatalog): void {
  const hostile = "o'ut%\\ \n\u2028ü.dst";

  it('declares files, again if need be, and finds them', async () => {
    const { catalog } = current();
    const files = [aDeclaration(), aDeclaration({ name: hostile, run: null, eventCount: null })];
    for (const time of ['first', 'second']) {
      const outcomes = await catalog.declare(files, never);
      for (const { name } of files) assert.deepEqual(outcomes.get(name), { ok: true }, time);
    }
    const { found } = await catalog.describe(['a.dst', hostile], NOON, never);
    assert.deepEqual(found.get(hostile)?.parents, ['a.raw']);
    assert.deepEqual(found.get('a.dst')?.locations, []);
    assert.deepEqual(await namesOf(catalog, { query: 'data_tier dst' }), ['a.dst', hostile]);
  });

  const others: readonly (readonly [string, Partial<Declaration>])[] = [
    ['size', { sizeBytes: 51 }],
    ['checksum', { checksums: ['adler32:00000000'] }],
    ['parents', { parents: ['b.raw'] }],
  ];
  for (const [what, fields] of others) {
    it(`calls a declaration with another ${what} a conflict, and keeps the first`, async () => {
      const { catalog } = current();
      await catalog.declare([aDeclaration()], never);
      const outcomes = await catalog.declare([aDeclaration(fields), aDeclaration({ name: 'b.dst' })], never);
      const outcome = outcomes.get('a.dst');
      assert.equal(outcome?.ok === false && outcome.code, 'conflict');
      assert.deepEqual(outcomes.get('b.dst'), { ok: true });
      const { found } = await catalog.describe(['a.dst'], NOON, never);
      const { sizeBytes, checksums, parents } = aDeclaration();
      const here = found.get('a.dst');
      assert.deepEqual([here?.sizeBytes, here?.checksums, here?.parents], [sizeBytes, checksums, parents]);
    });
  }

  it('adds locations once each, and says which files it does not know', async () => {
    const { catalog } = current();
    await catalog.declare([aDeclaration()], never);
    const locations = [
      { name: 'a.dst', location: 'tape:dst/b' },
      { name: 'a.dst', location: 'disk:dst/a' },
      { name: 'a.raw', location: 'tape:raw/a.raw' },
      { name: 'nobody', location: 'tape:x' },
    ];
    for (const time of ['first', 'second']) {
      const outcomes = await catalog.addLocations(locations, never);
      assert.deepEqual([outcomes.get('a.dst'), outcomes.get('a.raw')], [{ ok: true }, { ok: true }], time);
      const nobody = outcomes.get('nobody');
      assert.equal(nobody?.ok === false && nobody.code, 'absent', time);
    }
    const { found } = await catalog.describe(['a.dst', 'a.raw'], NOON, never);
    assert.deepEqual(found.get('a.dst')?.locations, ['tape:dst/b', 'disk:dst/a']);
    assert.deepEqual(found.get('a.raw')?.locations, ['tape:raw/a.raw']);
  });

  it('takes back a declaration without a location, and only that', async () => {
    const { catalog } = current();
    await catalog.declare([aDeclaration(), aDeclaration({ name: 'b.dst' })], never);
    await catalog.addLocations([{ name: 'b.dst', location: 'tape:b' }], never);
    for (const time of ['first', 'second']) {
      const outcomes = await catalog.retract(['a.dst', 'b.dst', 'nobody'], never);
      assert.deepEqual([outcomes.get('a.dst'), outcomes.get('nobody')], [{ ok: true }, { ok: true }], time);
      const located = outcomes.get('b.dst');
      assert.equal(located?.ok === false && located.code, 'conflict', time);
    }
    const { found } = await catalog.describe(['a.dst', 'b.dst'], NOON, never);
    assert.deepEqual([...found.keys()], ['b.dst']);
  });

  it('does nothing for empty lists', async () => {
    const { catalog } = current();
    assert.equal((await catalog.declare([], never)).size, 0);
    assert.equal((await catalog.addLocations([], never)).size, 0);
    assert.equal((await catalog.retract([], never)).size, 0);
    assert.equal((await catalog.describe([], NOON, never)).complete, true);
  });
}

function fails(current: () => OpenCatalog): void {
  it('is unavailable while it is down, and answers again afterwards', async () => {
    const { catalog, goDown, comeBack } = current();
    await namesOf(catalog, { definition: 'all-raw' });
    await goDown();
    await assert.rejects(namesOf(catalog, { definition: 'all-raw' }), { code: 'unavailable' });
    await assert.rejects(catalog.describe(['a.raw'], NOON, never), { code: 'unavailable' });
    await assert.rejects(catalog.declare([aDeclaration()], never), { code: 'unavailable' });
    await comeBack();
    assert.equal((await namesOf(catalog, { definition: 'all-raw' })).length, 3);
  });

  it('never ends an answer that broke off as if it were whole', async () => {
    const { catalog, cutAnswersInHalf } = current();
    await namesOf(catalog, { definition: 'all-raw' });
    await cutAnswersInHalf();
    await assert.rejects(namesOf(catalog, { query: 'data_tier simulated' }), { code: 'unavailable' });
  });

  it('never calls a file absent when only half of the answer arrived', async () => {
    const { catalog, cutAnswersInHalf } = current();
    const asked = CONTENTS.files.map(({ name }) => name);
    await namesOf(catalog, { definition: 'all-raw' });
    await cutAnswersInHalf();
    const seen = await catalog.describe(asked, NOON, never).catch((error: unknown) => error);
    if (seen instanceof Error) assert.equal('code' in seen && seen.code, 'unavailable');
    else assert.equal(typeof seen === 'object' && seen && 'complete' in seen && seen.complete, false);
  });

  it('begins nothing for a signal that was given', async () => {
    const { catalog } = current();
    const given = AbortSignal.abort();
    await assert.rejects(catalog.declare([aDeclaration()], given));
    await assert.rejects(catalog.describe(['a.raw'], NOON, given));
    assert.equal((await catalog.describe(['a.dst'], NOON, never)).found.size, 0);
  });
}

/** What every Catalog must do. Call it inside the driver's own `describe`. */
export function behavesLikeACatalog(subject: CatalogUnderTest): void {
  let open: OpenCatalog;
  beforeEach(async () => {
    open = await subject.open(CONTENTS);
  });
  afterEach(() => open.close());

  asksForFiles(() => open);
  declares(() => open);
  fails(() => open);
}
