import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADLER32_SEED, adler32, adler32Hex } from '../../reconcilers/drivers/store/adler32.ts';
import { posixStore } from '../../reconcilers/drivers/store/posix.ts';

const BYTES = Buffer.from(Array.from({ length: 70_001 }, (_, n) => (n * n) % 256));
const ZERO = Buffer.from('\x01');

function sumOf(algorithm: string, bytes: Buffer): string {
  if (algorithm === 'adler32') return `adler32:${adler32Hex(adler32(ADLER32_SEED, bytes))}`;
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

/** Every tool that the words need, and no other. */
const TOOLS = ['cp', 'wc', 'od', 'awk', 'tr', 'sed', 'md5sum', 'sha1sum', 'sha256sum', 'sha512sum'];

describe('what a job proves of the bytes it fetched from the posix store', () => {
  let base: string;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), "rereco it's-"));
    for (const folder of ['root', 'bin']) await mkdir(join(base, folder));
    for (const tool of TOOLS) await symlink(await whereIs(tool), join(base, 'bin', tool));
    await writeFile(join(base, 'root', 'a'), BYTES);
  });
  afterEach(() => rm(base, { recursive: true }));

  /** Whether fetching went well, and what it says. */
  async function fetched(checksum: string | null, bytes = BYTES, awkUpToBytes = 1e9) {
    const { jobCommands } = posixStore({ name: 'disk', root: join(base, 'root') });
    const text = jobCommands.fetch(awkUpToBytes);
    const script = `words() {\n${text}\n}\nif (words "$@"); then exit 0; else exit 7; fi`;
    const [local, about] = [join(base, 'local'), join(base, 'about')];
    await writeFile(about, '');
    const env = { PATH: join(base, 'bin') };
    const ok = await new Promise<boolean>((resolve) => {
      const args = ['-c', script, 'sh', local, about, 'a', `${bytes.length}`, checksum ?? ''];
      execFile('/bin/sh', args, { env }, (error) => resolve(error === null));
    });
    return { ok, about: (await readFile(about, 'utf8')).trim() };
  }

  for (const algorithm of ['adler32', 'md5', 'sha1', 'sha256', 'sha512']) {
    it(`is the ${algorithm} of a copy that is right`, async () => {
      assert.deepEqual(await fetched(sumOf(algorithm, BYTES)), { ok: true, about: '' });
    });

    it(`is the ${algorithm} of a copy that is not`, async () => {
      const other = Buffer.from(BYTES);
      other[40_000] = 7;
      const { ok, about } = await fetched(sumOf(algorithm, other));
      const both = `${sumOf(algorithm, BYTES)}, not ${sumOf(algorithm, other)}`;
      assert.deepEqual([ok, about], [false, `the input arrived with ${both}`]);
    });
  }

  it('is its size first', async () => {
    const { ok, about } = await fetched(sumOf('md5', BYTES), BYTES.subarray(1));
    assert.deepEqual([ok, about], [false, 'the input arrived with 70001 bytes, not 70000']);
  });

  it('is not fooled by an adler32 with leading zeros', async () => {
    await writeFile(join(base, 'root', 'a'), ZERO);
    assert.equal(sumOf('adler32', ZERO), 'adler32:00020002');
    assert.deepEqual(await fetched('adler32:00020002', ZERO), { ok: true, about: '' });
    assert.deepEqual(await fetched('adler32:20002', ZERO), { ok: true, about: '' });
    assert.equal((await fetched('adler32:00200020', ZERO)).ok, false);
  });

  it('is nothing, which it says, where nobody knows or computes a checksum', async () => {
    assert.deepEqual(await fetched(null), { ok: true, about: 'no checksum of it is known' });
    assert.deepEqual(await fetched('crc32c:0a1b2c3d'), {
      ok: true,
      about: 'nothing on this node computes crc32c:0a1b2c3d',
    });
    await rm(join(base, 'bin', 'md5sum'));
    assert.deepEqual(await fetched(sumOf('md5', BYTES)), { ok: true, about: 'this node has no md5sum' });
  });

  it('is left to xrdadler32 for files that are too large for awk', async () => {
    const large = await fetched('adler32:00000001', BYTES, 70_000);
    assert.equal(large.ok, true);
    assert.match(
      large.about,
      /left to xrdadler32 \(job\.awkChecksumUpTo: 70000 B\), which this node has not/,
    );
    await tool('xrdadler32', `printf '%s %s\\n' ${sumOf('adler32', BYTES).slice(8).toUpperCase()} "$1"`);
    assert.deepEqual(await fetched(sumOf('adler32', BYTES), BYTES, 0), { ok: true, about: '' });
    assert.equal((await fetched('adler32:00000001', BYTES, 0)).ok, false);
  });

  it('is left to awk where xrdadler32 does not work', async () => {
    await tool('xrdadler32', 'echo "error while loading shared libraries" >&2; exit 127');
    assert.deepEqual(await fetched(sumOf('adler32', BYTES)), { ok: true, about: '' });
    assert.equal((await fetched('adler32:00000001')).ok, false);
  });

  const tool = (name: string, text: string) =>
    writeFile(join(base, 'bin', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
});

function whereIs(tool: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('/bin/sh', ['-c', `command -v ${tool}`], (error, out) =>
      error ? reject(error) : resolve(out.trim()),
    );
  });
}
