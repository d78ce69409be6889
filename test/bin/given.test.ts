import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { COMMANDS } from '../../bin/commands.ts';
import { UserError } from '../../bin/failure.ts';
import { askedFor } from '../../bin/typed/asked.ts';
import { type Declared, declaredOf } from '../../bin/typed/declared.ts';
import { givenIn } from '../../bin/typed/given.ts';
import { optionsOf } from '../../bin/typed/take-apart.ts';
import { assertTaken } from './command-lines.ts';

const CLEAN: Declared = {
  usage: 'clean [files..]',
  places: [{ name: 'files', needed: false, several: true }],
  synonyms: {},
  hints: {},
  names: new Map([
    ['files', 'files'],
    ['output', 'output'],
    ['o', 'output'],
    ['group', 'group'],
    ['yes', 'yes'],
    ['y', 'yes'],
    ['dry-run', 'dry-run'],
    ['dryRun', 'dry-run'],
    ['limit', 'limit'],
  ]),
  flags: new Set(['yes', 'dry-run']),
  numbers: new Set(['limit']),
  lists: new Set(['files', 'group']),
  choices: new Map([['output', ['text', 'json', 'yaml']]]),
  needed: new Set(),
  defaults: new Map<string, unknown>([
    ['output', 'text'],
    ['yes', false],
  ]),
};

const GET: Declared = {
  ...CLEAN,
  usage: 'get <what> [name]',
  places: [
    { name: 'what', needed: true, several: false },
    { name: 'name', needed: false, several: false },
  ],
  synonyms: { file: 'files' },
  choices: new Map([['what', ['files', 'jobs']]]),
};

describe('givenIn', () => {
  const good: readonly (readonly [readonly string[], Readonly<Record<string, unknown>>])[] = [
    [[], { files: [], output: 'text', yes: false, group: undefined }],
    [['a.raw', '--yes', 'b.raw'], { files: ['a.raw', 'b.raw'], yes: true }],
    [['--group', 'x', '--group=y', '--no-yes'], { group: ['x', 'y'], yes: false }],
    [['-o', 'json', '--dry-run=true', '--limit', '7'], { output: 'json', dryRun: true, limit: 7 }],
    [['-ojson', 'a'], { output: 'json', files: ['a'] }],
    [['-o=yaml'], { output: 'yaml' }],
    [['--output=yaml'], { output: 'yaml' }],
    [['-y', 'a'], { yes: true, files: ['a'] }],
    [['--yes=false'], { yes: false }],
    [['--no-yes=false'], { yes: true }],
    [['--dryRun'], { 'dry-run': true }],
    [['a', '--', '--yes', '-o', '--'], { files: ['a', '--yes', '-o', '--'], yes: false }],
    [['-'], { files: ['-'] }],
    [['--group=-x'], { group: ['-x'] }],
    [['--limit', '999999999999999'], { limit: 999_999_999_999_999 }],
  ];
  for (const [args, values] of good) {
    it(`takes ${args.join(' ') || 'nothing'} for what it says`, () => {
      const given = givenIn(args, CLEAN);
      for (const [name, value] of Object.entries(values)) assert.deepEqual(given[name], value, name);
    });
  }

  const bad: readonly (readonly [readonly string[], RegExp])[] = [
    [['-o', 'json', '-o', 'text'], /^--output was given twice/],
    [['-ojson', '--output', 'text'], /^--output was given twice/],
    [['--yes', '--yes'], /^--yes was given twice/],
    [['--yes', '--no-yes'], /^--yes was given twice/],
    [['--dry-run', '--dryRun'], /^--dry-run was given twice/],
    [['--dry-run=1'], /^--dry-run takes no value/],
    [['--dry-run='], /^--dry-run takes no value/],
    [['--no-dry-run=yes'], /^--no-dry-run takes no value/],
    [['--no-group'], /^--no-group: --group takes a value/],
    [['--no-limit=3'], /^--no-limit: --limit takes a value/],
    [['--group', ''], /^--group has no value/],
    [['--group=  '], /^--group has no value/],
    [['--group'], /^--group has no value/],
    [['--group', '--yes'], /^--group has no value/],
    [['--group', '--unknown'], /^clean has no option --unknown/],
    [['--group', 'x', '--group', ''], /^--group has no value/],
    [['-o'], /^-o has no value/],
    [['-o='], /^-o has no value/],
    [['-ojsn'], /^-o jsn: did you mean json\?$/],
    [['-o', 'xml'], /^-o xml: there are text, json, yaml$/],
    [['--limit', 'abc'], /^--limit abc: write a whole number/],
    [['--limit', '1.5'], /^--limit 1.5: write a whole number/],
    [['--limit', '1e3'], /^--limit 1e3: write a whole number/],
    [['--limit', '-3'], /^--limit -3: write a whole number/],
    [['--limit=0'], /^--limit 0: write a whole number/],
    [['--limit', '0x10'], /^--limit 0x10: write a whole number/],
    [['--limit', '9999999999999999'], /^--limit 9999999999999999: write a whole number/],
    [['--files', 'a.raw'], /^--files is no option; usage: rereco clean \[files\.\.\]/],
    [['--limt', '3'], /^clean has no option --limt; did you mean --limit\?$/],
    [['-limit', '3'], /^clean has no option -limit; did you mean --limit\?$/],
    [['--yes.x=1'], /^clean has no option --yes\.x; did you mean --yes\?$/],
    [
      ['--nothing-like-it'],
      /^clean has no option --nothing-like-it; `rereco clean --help` lists them; a name that/,
    ],
    [['-z'], /^clean has no option -z; `rereco clean --help` lists them; a name that/],
    [['-yz'], /^clean has no option -yz/],
    [[''], /^an argument is empty/],
    [['--', ' '], /^an argument is empty/],
  ];
  for (const [args, message] of bad) {
    it(`refuses ${JSON.stringify(args)}`, () => {
      assert.throws(() => givenIn(args, CLEAN), { name: 'UserError', message });
    });
  }

  it('puts values at their places by their order', () => {
    const { what, name } = givenIn(['--yes', 'jobs', '--', '-x.raw'], GET);
    assert.deepEqual([what, name], ['jobs', '-x.raw']);
    assert.equal(givenIn(['file'], GET).what, 'files');
  });

  const misplaced: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /^<what> is missing \(one of files, jobs\); usage: rereco get <what> \[name\]$/],
    [['fils'], /^there is no `rereco get fils`; did you mean files\?$/],
    [['fiel'], /^there is no `rereco get fiel`; did you mean file\?$/],
    [['nonsense'], /^there is no `rereco get nonsense`; there are files, jobs$/],
    [['constructor'], /^there is no `rereco get constructor`/],
    [['files', 'a', 'b'], /^unknown argument: b; usage: rereco get <what> \[name\]$/],
  ];
  for (const [args, message] of misplaced) {
    it(`refuses get ${args.join(' ') || 'without a word'}`, () => {
      assert.throws(() => givenIn(args, GET), { name: 'UserError', message });
    });
  }

  it('refuses a command line without an option that it needs', () => {
    const settle = { ...CLEAN, usage: 'settle', places: [], needed: new Set(['group']) };
    const message = /^--group is missing; `rereco settle --help` has examples$/;
    assert.throws(() => givenIn(['--yes'], settle), { name: 'UserError', message });
    assert.deepEqual(givenIn(['--group', 'x'], settle).group, ['x']);
  });
});

describe('askedFor', () => {
  const isCommand = (word: string) => word === 'get' || word === 'db';
  const cases: readonly (readonly [string, string, string | undefined, readonly string[]])[] = [
    ['get files', 'run', 'get', ['files']],
    ['gte files', 'run', 'gte', ['files']],
    ['', 'run', undefined, []],
    ['-h', 'help', undefined, ['-h']],
    ['--help', 'help', undefined, ['--help']],
    ['help', 'help', undefined, []],
    ['help get', 'help', 'get', []],
    ['get -h', 'help', 'get', ['-h']],
    ['get --dataset --help', 'help', 'get', ['--dataset', '--help']],
    ['get files -- -h', 'run', 'get', ['files', '--', '-h']],
    ['--version', 'version', undefined, []],
    ['get --version', 'version', undefined, []],
    ['-o json get files', 'run', 'get', ['-o', 'json', 'files']],
    ['--nothing', 'run', undefined, ['--nothing']],
  ];
  for (const [line, what, name, rest] of cases) {
    it(`reads rereco ${line}`, () => {
      const args = line.split(' ').filter((word) => word !== '');
      assert.deepEqual(askedFor(args, isCommand), { what, name, rest });
    });
  }
});

/** Every option of every command, with what the command has declared. */
async function everyOption() {
  const all: { readonly command: string; readonly option: string; readonly declared: Declared }[] = [];
  for (const [command, load] of Object.entries(COMMANDS)) {
    const declared = declaredOf(await load());
    for (const option of optionsOf(declared)) {
      if (option !== 'help' && option !== 'version') all.push({ command, option, declared });
    }
  }
  return all;
}

/** May be given several times; each adds to what the others select. */
const REPEATABLE = [
  'reconcile --phase',
  'clean --dataset',
  'clean --group',
  'resubmit --dataset',
  'resubmit --group',
  'resume --phase',
  'suspend --phase',
  'get --dataset',
  'get --state',
];

/** A command line of one option, with enough beside it for the command's places. */
function withOption({ places, choices, needed }: Declared, ...option: readonly string[]): readonly string[] {
  const given = option.map((word) => word.split('=')[0]);
  const others = [...needed].filter((name) => !given.includes(`--${name}`)).map((name) => `--${name}=x`);
  const values = places.filter((place) => place.needed).map(({ name }) => choices.get(name)?.[0] ?? 'x');
  return [...option, ...others, ...values];
}

describe('every option of every command', () => {
  it('is taken once, or is among those of which several add up', async () => {
    const options = await everyOption();
    assert.ok(options.length > 30, 'the options were found');
    const twice = options.filter(({ option, declared }) => {
      const value = declared.choices.get(option)?.[0] ?? '7';
      const once = declared.flags.has(option) ? [`--${option}`] : [`--${option}`, value];
      try {
        givenIn(withOption(declared, ...once, ...once), declared);
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
      const line = withOption(declared, ...wrong);
      assert.throws(() => givenIn(line, declared), { name: 'UserError' }, `${declared.usage} --${option}`);
    }
  });

  it('has a name that no other option of the command is a slip away from', async () => {
    for (const { option, declared, command } of await everyOption()) {
      const misspelt = `${option.slice(0, -1)}${option.endsWith('x') ? 'y' : 'x'}`;
      assert.throws(
        () => givenIn(withOption(declared, `--${misspelt}`), declared),
        { name: 'UserError', message: new RegExp(`no option --${misspelt}; did you mean --${option}\\?`) },
        `rereco ${command} --${misspelt}`,
      );
    }
  });
});

describe('every command', () => {
  it('has examples that its own reading takes', async () => {
    for (const [name, load] of Object.entries(COMMANDS)) {
      const { examples } = await load();
      assert.ok(examples.length > 0, `${name} has examples`);
      for (const [line] of examples) await assertTaken(line);
    }
  });

  it('is taken as the README writes it', async () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const lines = [...readme.matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)]
      .filter(([, language = '']) => language === '' || language === 'sh')
      .flatMap(([, , block = '']) => block.split('\n'))
      .filter((line) => /^(\$ |npx )?rereco /.test(line));
    assert.ok(lines.length > 12, 'the lines were found');
    for (const line of lines) await assert.doesNotReject(assertTaken(line), line);
  });
});
