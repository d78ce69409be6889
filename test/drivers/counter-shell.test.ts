import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shellCounter } from '../../reconcilers/drivers/counter/shell.ts';
import { posixStore } from '../../reconcilers/drivers/store/posix.ts';
import type { Store } from '../../reconcilers/ports/store.ts';
import type { EventCounter } from '../../specs/types.ts';
import { memoryStore } from '../memory/store.ts';

const { signal } = new AbortController();
const NAME = "it's -a $(file).lhe";
const EVENTS = '<event>\n 1 2\n</event>\n<event>\n</event>\n';

describe('the shell counter', () => {
  let base: string;
  let disk: Store;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'rereco-counter-'));
    disk = posixStore({ name: 'disk', root: base });
    await mkdir(join(base, 'raw'));
    await writeFile(join(base, 'raw', NAME), EVENTS);
    await writeFile(join(base, 'raw', 'empty'), '');
  });
  afterEach(() => rm(base, { recursive: true }));

  const count = (how: EventCounter, name = NAME) => shellCounter().count(disk, `raw/${name}`, how, signal);
  const byPattern = (pattern: string): EventCounter => ({ by: 'pattern', pattern });
  const byCommand = (command: string): EventCounter => ({ by: 'command', command });

  it('counts the lines that match', async () => {
    assert.equal(await count(byPattern('^ *<event[ >]')), 2);
    assert.equal(await count(byPattern('-e')), 0);
    assert.equal(await count(byPattern('^'), 'empty'), 0);
  });

  it('counts small files together, and leaves out those that must be counted alone', async () => {
    await writeFile(join(base, 'raw', 'large'), Buffer.alloc(2_000_000, 'x'));
    const paths = [`raw/${NAME}`, 'raw/large', 'raw/empty', 'raw/none', 'raw'];
    const together = (how: EventCounter, some = paths) =>
      shellCounter().countTogether(disk, some, how, signal);
    const counts = await together(byPattern('<event>'));
    assert.deepEqual(Object.fromEntries(counts), { [`raw/${NAME}`]: 2, 'raw/empty': 0 });
    assert.equal((await together(byPattern('<event>'), [`raw/${NAME}`])).size, 0);
    assert.equal((await together(byPattern('(('))).size, 0);
    assert.equal((await together(byCommand('echo 3'))).size, 0);
  });

  it('takes the number a command prints', async () => {
    assert.equal(await count(byCommand("grep -c '<event>' {file}; test -s {file}")), 2);
  });

  it('counts alike in every locale', async () => {
    await writeFile(join(base, 'raw', 'bytes'), Buffer.from('e\xe9\ne\xc3\xa9\n', 'latin1'));
    const { LC_ALL } = process.env;
    try {
      for (const locale of ['C', 'C.UTF-8']) {
        process.env.LC_ALL = locale;
        assert.equal(await count(byPattern('^e.$'), 'bytes'), 1);
        assert.equal(await count(byCommand('test "$LC_ALL" = C && echo 7'), 'bytes'), 7);
      }
    } finally {
      if (LC_ALL === undefined) delete process.env.LC_ALL;
      else process.env.LC_ALL = LC_ALL;
    }
  });

  const wrong: readonly { it: string; how: EventCounter; code: string }[] = [
    { it: 'a pattern that is none', how: byPattern('(('), code: 'rejected' },
    { it: 'a command that fails', how: byCommand('echo 3; exit 4'), code: 'rejected' },
    { it: 'a command that prints more', how: byCommand('echo 3 events'), code: 'rejected' },
    { it: 'a command that prints nothing', how: byCommand(':'), code: 'rejected' },
    { it: 'the catalog, which is asked elsewhere', how: { by: 'catalog' }, code: 'rejected' },
    {
      it: 'a manifest that is not there',
      how: { by: 'manifest', manifest: '/no/such' },
      code: 'unavailable',
    },
  ];
  for (const c of wrong) it(`refuses ${c.it}`, () => assert.rejects(count(c.how), { code: c.code }));

  it('does not count a file it cannot read', async () => {
    await assert.rejects(count(byPattern('x'), 'none'), { code: 'unavailable' });
    await assert.rejects(count(byCommand('echo 1'), 'none'), { code: 'unavailable' });
  });

  it('kills a command that takes too long, and what it started', async () => {
    const mark = join(base, 'mark');
    const slow = shellCounter({ timeoutMs: 300 });
    const asked = slow.count(disk, `raw/${NAME}`, byCommand(`(sleep 2; touch ${mark}) & sleep 60`), signal);
    await assert.rejects(asked, { code: 'unavailable' });
    await assert.rejects(count(byCommand(`sleep 3; test -e ${mark} && echo 1`)), { code: 'rejected' });
  });

  it('brings a file here when its store has no folder here, and takes it away again', async () => {
    const { store, contents } = memoryStore('far');
    contents.set(`raw/${NAME}`, Buffer.from(EVENTS));
    const folder = join(base, 'temporary');
    await mkdir(folder);
    const counter = shellCounter({ temporaryFolder: folder });
    assert.equal(await counter.count(store, `raw/${NAME}`, byPattern('^<event>'), signal), 2);
    assert.deepEqual(await readdir(folder), []);
  });

  describe('with a manifest', () => {
    const manifest = () => join(base, 'manifest.ndjson');
    const line = (events: number) => `${JSON.stringify({ file_name: NAME, event_count: events })}\n`;
    const look = (): EventCounter => ({ by: 'manifest', manifest: manifest() });

    it('looks the file up by its name, again when the manifest has changed', async () => {
      const counter = shellCounter();
      await writeFile(manifest(), `{"file_name":"other","event_count":1}\n\n${line(7)}`);
      assert.equal(await counter.count(disk, `raw/${NAME}`, look(), signal), 7);
      await writeFile(manifest(), line(8));
      await utimes(manifest(), 1, 1);
      assert.equal(await counter.count(disk, `raw/${NAME}`, look(), signal), 8);
    });

    it('names a line that is wrong, and a file it does not hold', async () => {
      await writeFile(manifest(), `${line(7)}{"file`);
      await assert.rejects(count(look()), { code: 'rejected', message: /manifest.ndjson:2: / });
      await writeFile(manifest(), line(7));
      await assert.rejects(count(look(), 'empty'), { code: 'rejected', message: /no event_count for empty/ });
    });
  });
});
