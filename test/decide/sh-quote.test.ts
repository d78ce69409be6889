import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { shFill, shQuote } from '../../reconcilers/job/sh-quote.ts';

describe('shQuote', () => {
  it('gives the shell exactly the text', () => {
    // A NUL cannot be handed to any program, and half a character is no text.
    const text = fc
      .oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[-'"`$\\!*?~#&;|<>(){}[\]\n\t\r =a-c]*$/))
      .filter((value) => !value.includes('\0') && Buffer.from(value).toString() === value);
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 20 }), (texts) => {
        const script = texts.map((value) => `printf '%s|' ${shQuote(value)}`).join('\n');
        assert.equal(
          execFileSync('sh', ['-c', script], { encoding: 'utf8' }),
          texts.map((value) => `${value}|`).join(''),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('leaves plain words as they are', () => {
    assert.equal(shQuote('/spool/r1-a-2/report.json'), '/spool/r1-a-2/report.json');
  });
});

describe('shFill', () => {
  const cases = [
    { it: 'fills a bare placeholder', command: "printf '%s|' {file}" },
    { it: 'fills one in double quotes', command: `printf '%s|' "{file}"` },
    { it: 'fills one in single quotes', command: `printf '%s|' '{file}'` },
    { it: 'is not misled by an apostrophe in a comment', command: `# don't\nprintf '%s|' {file}` },
    { it: 'is not misled by an escaped quote', command: `: \\' "\\"" ; printf '%s|' {file}` },
    { it: 'takes a # in a word for no comment', command: `: a#'b' ; printf '%s|' {file}` },
    { it: 'is not misled by quotes in other quotes', command: `: '"' "'" ; printf '%s|' {file}` },
  ];
  const hostile = `a b'c"d$e\`f\\g*\nü`;
  for (const c of cases) {
    it(c.it, () => {
      const script = shFill(c.command, new Map([['file', 'FILE']]));
      const env = { PATH: process.env.PATH, FILE: hostile };
      assert.equal(execFileSync('sh', ['-c', script], { encoding: 'utf8', env }), `${hostile}|`);
    });
  }

  it('leaves what it does not know, and what is escaped', () => {
    const command = `awk '{print}' {other} \\{file}`;
    assert.equal(shFill(command, new Map([['file', 'FILE']])), command);
  });
});
