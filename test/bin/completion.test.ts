import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { COMMANDS } from '../../bin/commands.ts';
import { completionsOf } from '../../bin/typed/completions.ts';
import { declaredOf } from '../../bin/typed/declared.ts';
import { PROGRAM } from '../campaign/world.ts';

/** A command line after the command, the last word open; what may come next. */
type Case = readonly [command: string, typed: string, words: readonly string[], datasets?: boolean];

const CASES: readonly Case[] = [
  ['get', '', ['files', 'jobs', 'datasets']],
  ['get', 'files --kind ', ['input', 'output']],
  ['get', 'files --kind=', ['--kind=input', '--kind=output']],
  ['get', 'files --kind = ', ['input', 'output']],
  ['get', 'files -o ', ['text', 'wide', 'name', 'json', 'yaml']],
  ['get', 'files --dataset ', [], true],
  ['get', 'files --limit ', []],
  ['get', 'files --limit 3 --kind ', ['input', 'output']],
  ['status', 'p17 ', [], true],
  ['history', '', [], true],
  ['settle', 'r1-abc-1 ', ['lost', 'done']],
  ['settle', 'r1-abc-1 --because x ', ['lost', 'done']],
  ['db', '', ['status', 'psql', 'start', 'stop', 'migrate', 'adopt', 'backup', 'restore']],
  ['demo', '--fresh ', []],
  ['demo', '--', ['--help', '--fresh', '--keep']],
  ['demo', '--fresh --', ['--help', '--keep']],
];

describe('completionsOf', () => {
  for (const [command, typed, words, datasets = false] of CASES) {
    it(`knows what comes after ${command} ${typed}`, async () => {
      const load = COMMANDS[command];
      assert.ok(load !== undefined);
      const all = typed.split(' ');
      const found = completionsOf(all.slice(0, -1), all.at(-1) ?? '', declaredOf(await load()));
      assert.deepEqual(found, { words, datasets });
    });
  }

  it('knows the states and phases that are no closed choice', async () => {
    const wordsFor = async (command: 'get' | 'reconcile', ...before: string[]) =>
      completionsOf(before, '', declaredOf(await (COMMANDS[command] ?? assert.fail)())).words;
    assert.ok((await wordsFor('get', 'files', '--state')).includes('error'));
    assert.ok((await wordsFor('reconcile', '--phase')).includes('verify'));
  });
});

describe('rereco completion', function () {
  this.timeout(120_000);
  const hasShell = (shell: string) => spawnSync(shell, ['-c', ':']).status === 0;

  it('completes in bash', function () {
    if (!hasShell('bash')) this.skip();
    const line = `source <("$0" completion bash); COMP_WORDS=("$0" get fi); COMP_CWORD=2; _rereco "$0"; echo "\${COMPREPLY[@]}"
      COMP_WORDS=("$0" ""); COMP_CWORD=1; _rereco "$0"; echo "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', line, PROGRAM], { encoding: 'utf8' });
    const [files, commands = ''] = stdout.split('\n');
    assert.equal(files, 'files', stderr);
    for (const name of Object.keys(COMMANDS)) assert.ok(commands.split(' ').includes(name), name);
  });

  it('completes in zsh', function () {
    if (!hasShell('zsh')) this.skip();
    const line = `compdef() { : }; compadd() { shift; print -r -- "$@" }; _files() { print files }
      source <("$0" completion zsh); words=("$0" get fi); CURRENT=3; _rereco; words=("$0" ""); CURRENT=2; _rereco`;
    const { stdout, stderr } = spawnSync('zsh', ['-f', '-c', line, PROGRAM], { encoding: 'utf8' });
    const [files, commands = ''] = stdout.split('\n');
    assert.equal(files, 'files', stderr);
    for (const name of Object.keys(COMMANDS)) assert.ok(commands.split(' ').includes(name), name);
  });
});
