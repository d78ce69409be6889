import assert from 'node:assert/strict';
import { changes } from '../../specs/changes.ts';
import type { LoadedDataset } from '../../specs/types.ts';
import { aDataset, specFolder } from './folder.ts';

async function loaded(text: string): Promise<LoadedDataset> {
  const folder = await specFolder({ 'a.yaml': text });
  try {
    const { datasets, problems } = await folder.load();
    const [dataset] = datasets;
    assert.ok(dataset, JSON.stringify(problems));
    // Folders of tests differ; nothing else may.
    return JSON.parse(JSON.stringify(dataset).replaceAll(folder.path, '/specs'));
  } finally {
    await folder.drop();
  }
}

const PLAIN = aDataset();

describe('revisionOf', () => {
  const same: Readonly<Record<string, string>> = {
    'a comment': `# why\n${PLAIN}# because\n`,
    'another order of fields': `spec:\n  outputs: {dst: {}}\n  job: {command: "reco {input}"}\n  input: {files: "raw/*.lhe"}\nmetadata: {name: good}\nkind: Dataset\napiVersion: rereco/v1\n`,
    'a default written out': aDataset({ outputs: '{dst: {name: "{stem}.{output}", policy: equal}}' }),
    'more memory': aDataset({ job: '{command: "reco {input}", resources: {memory: 4GB}}' }),
    'other limits': aDataset({ limits: '{jobs: 7}', suspend: 'true', retry: '{verify: {attempts: 1}}' }),
    'another store path': aDataset({ outputs: '{dst: {path: elsewhere}}' }),
    'more inputs': aDataset({ input: '{files: ["raw/*.lhe", "more/*.lhe"]}' }),
  };
  for (const [what, text] of Object.entries(same)) {
    it(`stays the same under ${what}`, async () => {
      assert.equal((await loaded(text)).revision, (await loaded(PLAIN)).revision);
    });
  }

  const other: Readonly<Record<string, string>> = {
    'another command': aDataset({ job: '{command: "reco -v {input}"}' }),
    'another macro': aDataset({ job: '{command: "reco {input}", macro: v9.fcl}' }),
    'another version': aDataset({ job: '{command: "reco {input}", application: {version: "2"}}' }),
    'another environment': aDataset({ job: '{command: "reco {input}", environment: {A: b}}' }),
    'another counter': aDataset({ job: '{command: "reco {input}", eventsRead: {file: n}}' }),
    'another name': aDataset({ outputs: '{dst: {name: "{stem}.x"}}' }),
    'another policy': aDataset({ outputs: '{dst: {policy: {atLeast: 20%}}}' }),
    'another output': aDataset({ outputs: '{dst: {}, tmb: {}}' }),
  };
  for (const [what, text] of Object.entries(other)) {
    it(`changes under ${what}`, async () => {
      const { revision } = await loaded(text);
      assert.match(revision, /^[0-9a-f]{16}$/);
      assert.notEqual(revision, (await loaded(PLAIN)).revision);
    });
  }
});

describe('digestOf', () => {
  it('stays the same when a text that YAML reads as a number is put in quotes', async () => {
    const job = (values: string) => aDataset({ job: `{command: x, environment: {${values}}}` });
    const plain = await loaded(job('A: 5, B: true, C: 0017.0, D: yes'));
    const quoted = await loaded(job('A: "5", B: "true", C: "0017.0", D: "yes"'));
    assert.deepEqual([plain.spec, plain.revision], [quoted.spec, quoted.revision]);
  });

  it('stays the same under comments only', async () => {
    assert.equal((await loaded(PLAIN)).spec.name, (await loaded(`# why\n${PLAIN}`)).spec.name);
    const folder = await specFolder({ 'a.yaml': PLAIN });
    try {
      const [before] = (await folder.load()).datasets;
      await folder.write('a.yaml', `# why\n${PLAIN}`);
      const [after] = (await folder.load()).datasets;
      assert.equal(after?.digest, before?.digest);
      await folder.write('a.yaml', aDataset({ suspend: 'true' }));
      assert.notEqual((await folder.load()).datasets[0]?.digest, before?.digest);
    } finally {
      await folder.drop();
    }
  });
});

describe('changes', () => {
  it('is empty between equal specs', async () => {
    const { spec } = await loaded(PLAIN);
    assert.deepEqual(changes(spec, spec), []);
  });

  it('classes every changed field, the strongest first', async () => {
    const before = (await loaded(PLAIN)).spec;
    const text = aDataset({
      input: '{query: "tier raw"}',
      job: '{command: "reco -v {input}", resources: {cpuTime: 40h}}',
      outputs: '{dst: {path: "{dataset}", export: {to: far}}}',
      limits: '{maxFailedShare: 5%}',
    });
    const site =
      '---\napiVersion: rereco/v1\nkind: Site\nmetadata: {name: local}\nspec: {stores: {disk: {driver: posix, root: .}, far: {driver: posix, root: far}}}\n';
    const found = changes(before, (await loaded(text + site)).spec);
    assert.deepEqual(
      found.map((change) => [change.path, change.class, change.before, change.after]),
      [
        ['spec.job.command', 're-run', 'reco {input}', 'reco -v {input}'],
        ['spec.job.resources.cpuTime', 'next submission', null, 144_000],
        ['spec.input.query', 'in place', undefined, 'tier raw'],
        ['spec.input.files', 'in place', ['raw/*.lhe'], undefined],
        ['spec.outputs.dst.export.to', 'in place', undefined, 'far'],
        ['spec.outputs.dst.export.path', 'in place', undefined, ''],
        ['spec.outputs.dst.export.when', 'in place', undefined, 'datasetDone'],
        ['spec.outputs.dst.export.with', 'in place', undefined, []],
        ['spec.outputs.dst.export.thenDelete', 'in place', undefined, false],
        ['spec.limits.maxFailedShare', 'in place', 200_000, 50_000],
      ],
    );
  });

  it('finds every field of the language in the spec of a dataset that has them all', async () => {
    const { specValues } = await import('../../specs/spec-values.ts');
    const { CHANGE_CLASSES } = await import('../../specs/schema/field.ts');
    const { spec } = await loaded(PLAIN);
    const missing = specValues(spec, CHANGE_CLASSES).filter(
      ({ path, value }) => value === undefined && !path.includes('.export.'),
    );
    assert.deepEqual(
      missing.map(({ path }) => path),
      ['apiVersion', 'kind', 'spec.input.definition', 'spec.input.query', 'spec.input.manifest'],
    );
  });
});
