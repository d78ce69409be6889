import assert from 'node:assert/strict';
import yargs, { type Argv } from 'yargs';
import type { Command } from '../../bin/command.ts';
import { UserError } from '../../bin/failure.ts';
import { checkGiven, type Declared, declaredBy } from '../../bin/given.ts';
import { COMMANDS } from '../../bin/main.ts';

const CLEAN: Declared = {
  usage: 'clean [files..]',
  names: new Map([
    ['files', 'files'],
    ['output', 'output'],
    ['o', 'output'],
    ['group', 'group'],
    ['yes', 'yes'],
    ['dry-run', 'dry-run'],
    ['dryRun', 'dry-run'],
    ['limit', 'limit'],
  ]),
  flags: new Set(['yes', 'dry-run']),
  numbers: new Set(['limit']),
  lists: new Set(['files', 'group']),
};

describe('checkGiven', () => {
  const good: readonly (readonly string[])[] = [
    [],
    ['clean', 'a.raw', 'b.raw', '--yes'],
    ['clean', '--group', 'x', '--group=y', '--no-yes'],
    ['clean', '-o', 'json', '--dry-run=true', '--limit', '7'],
    ['clean', '--yes=false'],
    ['clean', '--', '--yes', '--yes', '-o'],
    ['clean', '--group', '137', '--unknown', '--unknown'],
    ['clean', '--group=-x'],
  ];
  for (const args of good) it(`lets ${args.join(' ') || 'nothing'} pass`, () => checkGiven(args, CLEAN));

  const bad: readonly (readonly [readonly string[], RegExp])[] = [
    [['-o', 'json', '-o', 'text'], /--output was given twice/],
    [['-o=json', '--output', 'text'], /--output was given twice/],
    [['--yes', '--yes'], /--yes was given twice/],
    [['--yes', '--no-yes'], /--yes was given twice/],
    [['--dry-run', '--dryRun'], /--dry-run was given twice/],
    [['--dry-run=1'], /--dry-run takes no value/],
    [['--dry-run='], /--dry-run takes no value/],
    [['--no-dry-run=yes'], /--no-dry-run takes no value/],
    [['--no-group'], /--no-group: --group takes a value/],
    [['--no-limit=3'], /--no-limit: --limit takes a value/],
    [['--group', ''], /--group has no value/],
    [['--group=  '], /--group has no value/],
    [['--group'], /--group has no value/],
    [['--group', '--yes'], /--group has no value/],
    [['--group', 'x', '--group', ''], /--group has no value/],
    [['--limit', 'abc'], /--limit abc: write a whole number/],
    [['--limit', '1.5'], /--limit 1.5: write a whole number/],
    [['--limit', '-3'], /--limit -3: write a whole number/],
    [['--limit=0'], /--limit 0: write a whole number/],
    [['--limit', '0x10'], /--limit 0x10: write a whole number/],
    [['--files', 'a.raw'], /--files is no option; usage: rereco clean \[files\.\.\]/],
    [['clean', ''], /an argument is empty/],
    [['clean', '--', ' '], /an argument is empty/],
  ];
  for (const [args, message] of bad) {
    it(`refuses ${JSON.stringify(args)}`, () => {
      assert.throws(() => checkGiven(args, CLEAN), { name: 'UserError', message });
    });
  }
});

/** Every option of every command, with what the command has declared. */
async function everyOption() {
  const all: { readonly command: string; readonly option: string; readonly declared: Declared }[] = [];
  for (const [command, load] of Object.entries(COMMANDS)) {
    const declared = await declaredOf(await load());
    const places = new Set([...declared.usage.matchAll(/[<[](\w+)/g)].map(([, place]) => place));
    for (const option of new Set(declared.names.values())) {
      if (!places.has(option)) all.push({ command, option, declared });
    }
  }
  return all;
}

async function declaredOf(command: Command): Promise<Declared> {
  const argv: Argv = yargs([]);
  return declaredBy(command.options(argv), command.usage);
}

/** May be given several times; each adds to what the others select. */
const REPEATABLE = [
  'reconcile --phase',
  'clean --dataset',
  'clean --group',
  'resubmit --dataset',
  'resubmit --group',
  'get --dataset',
  'get --state',
];

describe('every option of every command', () => {
  it('is taken once, or is among those of which several add up', async () => {
    const options = await everyOption();
    assert.ok(options.length > 30, 'the options were found');
    const twice = options.filter(({ option, declared }) => {
      const once = declared.flags.has(option) ? [`--${option}`] : [`--${option}`, '7'];
      try {
        checkGiven([...once, ...once], declared);
        return true;
      } catch (error) {
        assert.ok(error instanceof UserError);
        assert.match(error.message, new RegExp(`--${option} was given twice`));
        return false;
      }
    });
    const named = twice.map(({ command, option }) => `${command} --${option}`);
    assert.deepEqual(named.toSorted(), REPEATABLE.toSorted());
  });

  it('needs a value, unless it is a flag, which takes none', async () => {
    for (const { option, declared } of await everyOption()) {
      const wrong = declared.flags.has(option) ? [`--${option}=7`] : [`--${option}`, ''];
      assert.throws(
        () => checkGiven(wrong, declared),
        { name: 'UserError' },
        `${declared.usage} --${option}`,
      );
    }
  });
});
