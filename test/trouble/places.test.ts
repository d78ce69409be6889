/** A final place belongs to one input of one dataset, whatever the stores and links are called that lead there. */
import assert from 'node:assert/strict';
import { mkdir, readdir, symlink } from 'node:fs/promises';
import { aWorld, type World } from '../campaign/world.ts';

const events = (count: number) =>
  Array.from({ length: count }, (_, event) => `event ${String(event).padStart(6, '0')}\n`).join('');

interface Wanted {
  readonly name: string;
  readonly files?: string;
  readonly input?: string;
  readonly command?: string;
  readonly output?: string;
}

function dataset({ name, files = 'raw/*', input = '', command, output = '' }: Wanted): string {
  return `apiVersion: rereco/v1
kind: Dataset
metadata: {name: ${name}}
spec:
  input: {files: "${files}", eventCount: {pattern: "^event"}${input}}
  job: {command: '${command ?? 'cp {input} {output.dst}'}', eventsRead: {pattern: "^event"}}
  outputs:
    dst: {name: "{stem}.dst", eventsWritten: {pattern: "^event"}${output}}
  archive: none
`;
}

const site = (stores: string, movers = '') => `apiVersion: rereco/v1
kind: Site
metadata: {name: here}
spec:
  stores: {${stores}}
  movers: [${movers}]
`;

describe('a final place', function () {
  this.timeout(600_000);
  let world: World;
  beforeEach(async () => {
    world = await aWorld('shared');
    await mkdir(world.at('far'));
  });
  afterEach(() => world.close());

  /** Specs that are read together are held against each other before; these are read one by one. */
  const settle = async (...files: readonly string[]) => {
    const { code, out, err } = await world.rereco('reconcile', ...files, '--until', 'settled');
    return { code, told: out + err };
  };
  const jobs = async () => {
    const [row] = await world.rows<{ jobs: number }>(
      "SELECT count(*)::int AS jobs FROM attempts WHERE phase = 'process'",
    );
    return row?.jobs;
  };
  const waiting = async () =>
    (
      await world.rows<{ name: string }>(
        `SELECT d.name FROM problems p JOIN file_details d ON d.id = p.file_id
         WHERE p.kind = 'place taken' AND p.cleared_ms IS NULL ORDER BY 1`,
      )
    ).map(({ name }) => name);

  it('goes to the first of two raw files with one stem; the other waits before any job, the rest goes on', async () => {
    for (const [name, count] of [
      ['a.raw', 3],
      ['a.txt', 4],
      ['b.raw', 5],
    ] as const) {
      await world.write(`raw/${name}`, events(count));
    }
    await world.write('p17.yaml', dataset({ name: 'p17' }));
    const { code, told } = await settle();
    assert.equal(code, 3, told);
    assert.deepEqual([await jobs(), await waiting()], [2, ['a.txt']]);
    assert.deepEqual((await readdir(world.at('dst'))).sort(), ['a.dst', 'b.dst']);
    assert.equal(await world.read('dst/a.dst'), events(3));
    assert.match((await world.rereco('errors')).out, /dst\/a\.dst belongs to a\.raw of this dataset/);
    assert.match((await world.rereco('why', 'a.txt')).out, /belongs to\s+a\.raw/);
    assert.match((await world.rereco('reconcile', '--dry-run')).out, /belongs to a\.raw|nothing to do/);
    assert.match((await world.rereco('status')).out, /1 file is waiting for places/);

    // A name that tells the two apart is the way out.
    await world.write('p17.yaml', dataset({ name: 'p17' }).replace('{stem}.dst', '{name}.dst'));
    const settled = await settle();
    assert.equal(settled.code, 0, settled.told);
    assert.deepEqual([await jobs(), await waiting()], [3, []]);
    assert.equal(await world.read('dst/a.txt.dst'), events(4));
  });

  it('is not shared by a copied spec that exports and deletes, in whatever order the two come', async () => {
    await world.write('raw/a.txt', events(3));
    await world.write(
      'site.yaml',
      site(
        'disk: {driver: posix, root: .}, far: {driver: posix, root: far}',
        '{from: disk, to: far, driver: copy}',
      ),
    );
    await world.write('one.yaml', dataset({ name: 'one' }));
    await world.write(
      'two.yaml',
      dataset({ name: 'two', output: ', export: {to: far, path: two, thenDelete: true}' }),
    );
    const together = await settle();
    assert.equal(together.code, 2, together.told);
    assert.match(together.told, /two\.yaml.*is where dataset one .* puts outputs\.dst of the same files/);
    assert.equal((await settle('one.yaml', 'site.yaml')).code, 0);
    const { code, told } = await settle('two.yaml', 'site.yaml');
    assert.equal(code, 3, told);
    assert.equal(await world.read('dst/a.dst'), events(3));
    assert.equal(await jobs(), 1);
    assert.deepEqual(await waiting(), ['a.txt']);
  });

  it('is one under every store and link that leads there, nested roots included', async () => {
    await world.write('raw/a.txt', events(3));
    await mkdir(world.at('disk'));
    await symlink(world.at('disk'), world.at('link'));
    await world.write(
      'site.yaml',
      site(
        'raw: {driver: posix, root: .}, one: {driver: posix, root: disk}, three: {driver: posix, root: link}',
      ),
    );
    const there = site('raw: {driver: posix, root: .}, two: {driver: posix, root: disk}');
    await world.write('there.yaml', there.replace('{name: here}', '{name: there}'));
    const into = (name: string, place: string, where = 'here') =>
      dataset({ name, input: ', store: raw', output: `, ${place}` }).replace(
        'spec:',
        `spec:\n  site: ${where}`,
      );
    await world.write('one.yaml', into('one', 'store: one, path: dst'));
    const first = await settle();
    assert.equal(first.code, 0, first.told);
    await world.write('nested.yaml', into('nested', 'store: raw, path: disk/dst'));
    await world.write('other-name.yaml', into('other-name', 'store: two, path: dst', 'there'));
    await world.write('symlink.yaml', into('symlink', 'store: three, path: dst'));
    await world.write('free.yaml', into('free', 'store: three, path: free'));
    for (const [name, code] of [
      ['nested', 3],
      ['other-name', 3],
      ['symlink', 3],
      ['free', 0],
    ] as const) {
      const came = await settle(`${name}.yaml`, 'site.yaml', 'there.yaml');
      assert.equal(came.code, code, `${name}: ${came.told}`);
    }
    assert.deepEqual([await jobs(), (await waiting()).length], [2, 3]);
  });

  it('at the far end is one too', async () => {
    await world.write('raw/a.txt', events(3));
    await world.write(
      'site.yaml',
      site(
        'disk: {driver: posix, root: .}, far: {driver: posix, root: far}',
        '{from: disk, to: far, driver: copy}',
      ),
    );
    const into = (name: string) =>
      dataset({ name, output: `, path: ${name}, export: {to: far, path: dst, with: [metadata]}` });
    await world.write('one.yaml', into('one'));
    await world.write('two.yaml', into('two'));
    assert.equal((await settle('one.yaml', 'site.yaml')).code, 0);
    const { code, told } = await settle('two.yaml', 'site.yaml');
    assert.equal(code, 3, told);
    assert.deepEqual([await jobs(), await waiting()], [1, ['a.txt']]);
    assert.match((await world.rereco('errors')).out, /far:dst\/a\.dst/);
  });

  it('is never that of a raw file, of this dataset or another', async () => {
    await world.write('raw/a.txt', events(3));
    await world.write('raw/a.dst', events(4));
    await world.write('one.yaml', dataset({ name: 'one', files: 'raw/*.txt', output: ', path: raw' }));
    await world.write('two.yaml', dataset({ name: 'two', files: 'raw/*.dst', output: ', path: other' }));
    const { code, told } = await settle();
    assert.equal(code, 3, told);
    assert.deepEqual([await jobs(), await waiting()], [1, ['a.txt']]);
    assert.match((await world.rereco('errors')).out, /is the raw file\s+a\.dst\s+of\s+dataset\s+two/);
    assert.equal(await world.read('raw/a.dst'), events(4));
  });

  it('that no file can have is refused before any job runs', async () => {
    await world.write(`raw/${'é'.repeat(121)}.txt`, events(3));
    await world.write('raw/b.txt', events(3));
    await world.write('p17.yaml', dataset({ name: 'p17' }).replace('{stem}.dst', '{stem}.reconstructed'));
    const { code, told } = await settle();
    assert.equal(code, 3, told);
    assert.equal(await jobs(), 1);
    assert.match((await world.rereco('errors')).out, /has\s+256\s+bytes/);
  });

  it('is not emptied while another dataset reads the file from there', async () => {
    await world.write('raw/a.txt', events(3));
    await world.write(
      'site.yaml',
      site(
        'disk: {driver: posix, root: .}, far: {driver: posix, root: far}',
        '{from: disk, to: far, driver: copy}',
      ),
    );
    const first = (more: string) =>
      dataset({ name: 'first', files: 'raw/*', input: ', store: disk', output: more });
    await world.write('first.yaml', first(''));
    assert.equal((await settle()).code, 0);
    await world.write(
      'second.yaml',
      dataset({ name: 'second', files: 'dst/*.dst', input: ', store: disk', output: ', path: second' }),
    );
    assert.equal((await settle()).code, 0);
    await world.write('first.yaml', first(', export: {to: far, path: first, thenDelete: true}'));
    const { code, told } = await settle();
    assert.equal(code, 3, told);
    assert.equal(await world.read('far/first/a.dst'), events(3));
    assert.equal(await world.read('dst/a.dst'), events(3), 'the raw file of the second is kept');
    assert.match((await world.rereco('errors')).out, /is the raw file of\s+a\.dst of\s+dataset\s+second/);
  });
});
