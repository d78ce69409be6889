import assert from 'node:assert/strict';
import { explainCommand } from '../../bin/commands/explain.ts';
import { UserError } from '../../bin/failure.ts';
import { explanationLines } from '../../bin/print/explanation.ts';
import { explain } from '../../specs/explain.ts';
import { fieldsOf } from '../../specs/schema/fields.ts';

const linesOf = (path: string) => {
  const said = explain(path);
  assert.ok(!('found' in said), path);
  return said.flatMap((one) => explanationLines(one, 80));
};

describe('rereco explain', () => {
  it('says what a field is, its default, and what changing it does', () => {
    assert.equal(
      linesOf('spec.job.filesPerJob').join('\n'),
      `spec.job.filesPerJob (Dataset): whole number

  Files a job takes at most, each with its own counts, outputs and fate.

  default: 1
  change: next submission: it holds for what is submitted from then on`,
    );
  });

  it('need not be told that a field is below spec', () => {
    for (const path of ['job.failures', 'input.files', 'stores.disk']) {
      assert.deepEqual(explain(path), explain(`spec.${path}`), path);
    }
    assert.match(JSON.stringify(explain('job.failurs')), /below spec.job; did you mean failures/);
  });

  it('gives an example where a field is not plain, and says which rule of failures is taken', () => {
    assert.match(
      linesOf('spec.job.failures').join('\n'),
      /first rule of which everything holds[\s\S]*example:\s+\[\{"log"/,
    );
    assert.match(linesOf('spec.input.query').join('\n'), /example: data_tier raw and run 1-10,12/);
  });

  it('lists the fields of a group side by side with what they mean', () => {
    const lines = linesOf('spec.retry.process');
    const fields = lines.slice(lines.indexOf('fields:') + 1);
    assert.deepEqual(
      fields.map((line) => line.trim().split(/ {2,}/)[0]),
      ['attempts', 'first', 'longest'],
    );
  });

  it('fits eighty columns, whatever is asked', () => {
    const paths = ['', ...fieldsOf().map(({ path }) => path.join('.'))];
    const long = paths.flatMap((path) =>
      linesOf(path)
        .flatMap((text) => text.split('\n'))
        // One word may be longer than a line: a default in JSON.
        .filter((line) => line.length > 80 && line.trim().includes(' ')),
    );
    assert.deepEqual(long, []);
  });

  it("takes an unknown field for the user's mistake, and asks what was meant", async () => {
    const argv = { _: [], $0: 'rereco', field: 'spec.job.marco', output: 'text' };
    await assert.rejects(
      explainCommand.run(argv, new AbortController().signal, '0'),
      (error) => error instanceof UserError && /did you mean macro\?/.test(error.message),
    );
  });
});
