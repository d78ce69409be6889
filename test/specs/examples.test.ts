import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parseAllDocuments } from 'yaml';
import { loadSpecs } from '../../specs/load.ts';

const EXAMPLES = fileURLToPath(new URL('../../specs/examples/', import.meta.url));
const SCHEMA = fileURLToPath(new URL('../../specs/rereco.schema.json', import.meta.url));

const load = (name: string) => loadSpecs([join(EXAMPLES, name)], { stateDir: '/state' });

describe('the examples', () => {
  for (const [name, file] of [
    ['laptop', 'lhe-skim.yaml'],
    ['dzero', 'p17.yaml'],
    ['slurm-xrootd', 'run2025c.yaml'],
  ] as const) {
    it(`has no problem in ${name}`, async () => {
      const { problems, datasets } = await load(name);
      assert.deepEqual([problems, datasets.length], [[], 1]);
    });

    it(`satisfies editors in ${name}, which know only the schema file`, () => {
      const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, strict: false });
      const validate = ajv.compile(JSON.parse(readFileSync(SCHEMA, 'utf8')));
      for (const document of parseAllDocuments(readFileSync(join(EXAMPLES, name, file), 'utf8'))) {
        assert.ok(validate(document.toJS()), JSON.stringify(validate.errors));
      }
    });
  }

  it('fills in the built-in site for the laptop', async () => {
    const [dataset] = (await load('laptop')).datasets;
    assert.equal(dataset?.site.name, 'local');
    assert.equal(dataset?.site.stores.disk?.root, join(EXAMPLES, 'laptop'));
    assert.equal(dataset?.site.spool.path, '/state/spool');
    assert.equal(dataset?.spec.outputs[0]?.path, '{output}');
  });

  it('keeps units of the DZero campaign as integers', async () => {
    const [dataset] = (await load('dzero')).datasets;
    const { cpuTimeSeconds, memoryBytes } = dataset?.spec.job.resources ?? {};
    assert.deepEqual([cpuTimeSeconds, memoryBytes], [144_000, 1_000_000_000]);
    assert.equal(dataset?.spec.limits.maxFailedSharePpm, 50_000);
    assert.equal(dataset?.site.stores.tmb?.keepFreeBytes, 500_000_000_000);
    assert.deepEqual(dataset?.site.stores.hpss?.options, { classOfService: 22 });
    assert.equal(dataset?.site.batch.options.cpuUnitsPerSecond, 35);
    assert.deepEqual(dataset?.spec.input.runs.exclude, [
      [174_901, 174_901],
      [175_022, 175_031],
      [175_214, 175_214],
    ]);
  });

  it("keeps units of a driver's own fields as integers too", async () => {
    const [dataset] = (await load('slurm-xrootd')).datasets;
    const { tape } = dataset?.site.stores ?? {};
    assert.deepEqual(tape?.options.staging, { bytes: 20_000_000_000_000, files: 5000, timeout: 172_800 });
    assert.deepEqual(dataset?.spec.outputs[0]?.policy, {
      kind: 'range',
      atMostPpm: 1_000_000,
      atLeastPpm: 200_000,
    });
  });
});

describe('the command of the laptop example', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'rereco-reco-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('writes one line for each event and says how many it has read', () => {
    const output = join(folder, 'sample.dst');
    const input = join(EXAMPLES, 'laptop/raw/sample.lhe');
    assert.equal(
      execFileSync(join(EXAMPLES, 'laptop/reco.sh'), [input, output], { encoding: 'utf8' }),
      'read 5 events\n',
    );
    assert.equal(readFileSync(output, 'utf8').match(/^EVENT [1-5] particles=2 mass=/gm)?.length, 5);
  });

  it('is given events that conserve momentum', () => {
    const text = readFileSync(join(EXAMPLES, 'laptop/raw/sample.lhe'), 'utf8');
    const events = [...text.matchAll(/<event>\n(.*\n)([^<]*)<\/event>/g)].map((match) =>
      (match[2] ?? '')
        .trim()
        .split('\n')
        .map((line) => line.trim().split(/\s+/).map(Number)),
    );
    assert.equal(events.length, 5);
    for (const particles of events) {
      for (const component of [6, 7, 8, 9]) {
        const sum = particles.reduce(
          (total, row) => total + (row[component] ?? 0) * (row[1] === 2 ? 0 : (row[1] ?? 0)),
          0,
        );
        assert.ok(Math.abs(sum) < 1e-6, `component ${component} is off by ${sum}`);
      }
    }
  });
});
