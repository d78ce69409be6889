import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseSpecs } from '../../specs/parse.ts';
import type { DatasetSpec } from '../../specs/types.ts';
import { aDataset, specFolder } from './folder.ts';

async function specOf(text: string): Promise<DatasetSpec> {
  const folder = await specFolder({ 'a.yaml': text });
  try {
    const { datasets, problems } = await folder.load();
    assert.deepEqual(problems, []);
    return datasets[0]?.spec as DatasetSpec;
  } finally {
    await folder.drop();
  }
}

const NUMBERS = [
  ...['0000176852', '17.0', '9007199254740993', '12345678901234567890', '0o644', '1e3', '0x1F', '+5', '-0'],
  ...['.5', '1.', '.inf', '-.INF', '.nan', 'true', 'True', 'FALSE', 'yes', '1_000', '2026-11-25', '1:30'],
];

describe('a text that YAML reads as something else', () => {
  it('reaches the environment as it is written', async () => {
    const names = NUMBERS.map((_, n) => `V${n}`);
    const environment = NUMBERS.map((written, n) => `V${n}: ${written}`).join(', ');
    const spec = await specOf(aDataset({ job: `{command: x, environment: {${environment}}}` }));
    assert.deepEqual(
      names.map((name) => spec.job.environment[name]),
      NUMBERS,
    );
  });

  it('is that text in every field that takes one', async () => {
    const { labels, job, outputs, input } = await specOf(
      aDataset({
        input: '{files: [007, 1e3]}',
        job: '{command: true, macro: 17.0, application: {version: 0x10}, options: {account: 0123, ratio: 2.50, nodes: 2, exclusive: true}}',
        outputs: '{dst: {path: 2.0, dataTier: 3.0}}',
      }).replace('{name: good}', '{name: good, labels: {release: 17.10, on: yes, off: False}}'),
    );
    assert.deepEqual(labels, { release: '17.10', on: 'yes', off: 'False' });
    assert.deepEqual(input.source, { kind: 'files', files: ['007', '1e3'] });
    assert.deepEqual([job.command, job.macro, job.application.version], ['true', '17.0', '0x10']);
    assert.deepEqual(job.options, { account: '0123', ratio: '2.50', nodes: 2, exclusive: true });
    assert.deepEqual(
      outputs.map(({ path, dataTier }) => [path, dataTier]),
      [['2.0', '3.0']],
    );
  });

  it('is the same behind an alias, in a merge and under YAML 1.1', async () => {
    const job = (head: string, a: string) =>
      `${head}x-values: &values {B: 0002, C: &c 1e5}\n${aDataset({ job: `{command: x, environment: {<<: *values, ${a}, D: *c}}` })}`;
    const plain = parseSpecs('a.yaml', job('', 'A: 017')).documents[0]?.value;
    const old = parseSpecs('a.yaml', job('%YAML 1.1\n---\n', 'A: on')).documents[0]?.value;
    assert.deepEqual(at(plain, 'spec', 'job', 'environment'), { A: '017', B: '0002', C: '1e5', D: '1e5' });
    assert.deepEqual(at(old, 'spec', 'job', 'environment'), { A: 'on', B: '0002', C: '1e5', D: '1e5' });
  });

  it('is left alone where a number is asked for', async () => {
    const spec = await specOf(aDataset({ requestId: '0x10', limits: '{jobs: 007, scouts: 1e1}' }));
    assert.deepEqual([spec.requestId, spec.limits.jobs, spec.limits.scouts], [16, 7, 10]);
  });

  it('is what was written, whatever that was', () => {
    const sign = fc.constantFrom(...'0123456789.+-eExXoabinfNT_');
    fc.assert(
      fc.property(fc.string({ unit: sign, minLength: 1, maxLength: 8 }), (written) => {
        fc.pre(!/^-+$|^\.\.\.$|^[-]$/.test(written));
        const text = aDataset({ job: `{command: x, environment: {A: ${written}}}` });
        const value = at(parseSpecs('a.yaml', text).documents[0]?.value, 'spec', 'job', 'environment', 'A');
        assert.equal(typeof value === 'string' ? value : String(value), written);
      }),
    );
  });
});

function at(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>((node, name) => Reflect.get(Object(node), name), value);
}
