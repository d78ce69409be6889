import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifestLine } from '../../reconcilers/drivers/catalog/embedded/manifest-line.ts';
import {
  manifestSignature,
  readManifest,
} from '../../reconcilers/drivers/catalog/embedded/manifest-reader.ts';

describe('a line of a manifest', () => {
  it('may say no more than a name', () => {
    assert.deepEqual(manifestLine('{"file_name":"a"}'), {
      name: 'a',
      sizeBytes: null,
      eventCount: null,
      checksums: [],
      dataTier: null,
      run: null,
      parents: [],
      locations: [],
      metadata: {},
    });
  });

  const good: readonly (readonly [what: string, line: object, field: string, value: unknown])[] = [
    ['a checksum as a text', { checksum: 'ADLER32:ABC' }, 'checksums', ['adler32:00000abc']],
    [
      'checksums as a list',
      { checksum: ['md5:00ff', 'adler32:0a1b2c3d'] },
      'checksums',
      ['md5:00ff', 'adler32:0a1b2c3d'],
    ],
    ['a run', { run: 7 }, 'run', 7],
    [
      'the first of the runs of SAM',
      {
        runs: [
          [8, 0, 'physics'],
          [9, 0, 'physics'],
        ],
      },
      'run',
      8,
    ],
    ['no run in an empty list', { runs: [] }, 'run', null],
    ['parents by name and as objects', { parents: ['p', { file_name: 'q' }] }, 'parents', ['p', 'q']],
    ['locations, each once', { locations: ['tape:a', 'tape:a'] }, 'locations', ['tape:a']],
    ['null for what is not known', { file_size: null, data_tier: null, run: null }, 'sizeBytes', null],
    ['fields it does not know', { stream: 'all', x: [1] }, 'metadata', { stream: 'all', x: [1] }],
  ];
  for (const [what, fields, field, value] of good) {
    it(`may have ${what}`, () => {
      const file = manifestLine(JSON.stringify({ file_name: 'a', ...fields }));
      assert.deepEqual(new Map(Object.entries(file)).get(field), value);
    });
  }

  const bad: readonly (readonly [line: string, message: RegExp])[] = [
    ['{"file_name": "a"', /^this is no JSON/],
    ['[]', /^a line must be an object/],
    ['null', /^a line must be an object/],
    ['{}', /^file_name must be a text/],
    ['{"file_name":""}', /^file_name must be a text/],
    ['{"file_name":"a\\u0000"}', /^file_name has a NUL/],
    ['{"file_name":"\\ud800"}', /^file_name has a NUL or half/],
    [`{"file_name":"${'n'.repeat(1_025)}"}`, /longer than 1024 bytes/],
    ['{"file_name":"a","file_size":-1}', /^file_size must be a whole number from 0, and is -1/],
    ['{"file_name":"a","file_size":1e300}', /^file_size must be/],
    ['{"file_name":"a","event_count":"7"}', /^event_count must be .* is "7"/],
    ['{"file_name":"a","event_count":1.5}', /^event_count must be/],
    ['{"file_name":"a","checksum":"12345"}', /^checksum must look like/],
    ['{"file_name":"a","checksum":7}', /^checksum must be a list/],
    ['{"file_name":"a","run":"7"}', /^run must be/],
    ['{"file_name":"a","runs":7}', /^runs must be a list/],
    ['{"file_name":"a","parents":[{}]}', /^a name in parents must be a text/],
    ['{"file_name":"a","locations":["nowhere"]}', /^the location "nowhere" is not of the form/],
  ];
  for (const [line, message] of bad) {
    it(`must not be ${line.slice(0, 50)}`, () => {
      assert.throws(() => manifestLine(line), { message });
    });
  }
});

describe('a manifest', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rereco-manifest-'));
    path = join(folder, 'm.ndjson');
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function read(contents: string | Uint8Array) {
    await writeFile(path, contents);
    const names: (readonly [number, string])[] = [];
    const signature = await readManifest(path, 2, async (batch) => {
      names.push(...batch.map(({ line, file }) => [line, file.name] as const));
    });
    return { names, signature };
  }

  it('is read to its end, whatever its line ends, empty lines and first mark', async () => {
    const { names, signature } = await read(
      '\ufeff{"file_name":"a"}\r\n\n{"file_name":"b\u2028"}\n   \n{"file_name":"c"}',
    );
    assert.deepEqual(names, [
      [1, 'a'],
      [3, 'b\u2028'],
      [5, 'c'],
    ]);
    assert.equal(signature, await manifestSignature(path));
  });

  it('may be empty', async () => {
    assert.deepEqual((await read('')).names, []);
  });

  it('may have lines across the blocks in which it is read', async () => {
    const long = (n: number) => JSON.stringify({ file_name: `${n}`, more: 'é'.repeat(100_000) });
    assert.deepEqual((await read(`${long(1)}\n${long(2)}\n${long(3)}\n`)).names, [
      [1, '1'],
      [2, '2'],
      [3, '3'],
    ]);
  });

  const bad: readonly (readonly [what: string, contents: string | Uint8Array, sentence: string])[] = [
    ['a line cut in half', '{"file_name":"a"}\n{"file_na', ':2: this is no JSON'],
    ['bytes that are no text', Uint8Array.of(0xff, 0xfe, 0x00), ':1: this is no UTF-8'],
    ['a line without an end', 'x'.repeat(3_000_000), ':1: longer than 1048576 bytes'],
  ];
  for (const [what, contents, sentence] of bad) {
    it(`is refused for ${what}`, async () => {
      await assert.rejects(read(contents), (error: Error & { code?: unknown }) => {
        assert.equal(error.code, 'rejected');
        assert.ok(error.message.startsWith(path + sentence), error.message);
        return true;
      });
    });
  }

  it('is unavailable where it is not there, and refused where it is a folder', async () => {
    const nothing = async () => undefined;
    await assert.rejects(manifestSignature(path), { code: 'unavailable' });
    await assert.rejects(readManifest(path, 2, nothing), { code: 'unavailable' });
    await mkdir(path);
    await assert.rejects(readManifest(path, 2, nothing), { code: 'rejected' });
  });

  it('is unavailable when it is written to while it is read', async () => {
    await writeFile(path, '{"file_name":"a"}\n');
    const growing = readManifest(path, 1, () => writeFile(path, '{"file_name":"a"}\n', { flag: 'a' }).then());
    await assert.rejects(growing, { code: 'unavailable' });
  });
});
