import assert from 'node:assert/strict';
import { COMMANDS, GROUPS } from '../../bin/commands.ts';
import { commandHelp, generalHelp } from '../../bin/print/help.ts';

/** Lines longer than a terminal of eighty columns. */
const long = (text: string) => text.split('\n').filter((line) => line.length > 80);

describe('the help', () => {
  it('of the program names every command by what it is for, at eighty columns', async () => {
    const groups: Record<string, Awaited<ReturnType<NonNullable<(typeof COMMANDS)[string]>>>[]> = {};
    for (const [title, commands] of Object.entries(GROUPS)) {
      groups[title] = await Promise.all(Object.values(commands).map((load) => load()));
    }
    const help = generalHelp(groups);
    for (const name of Object.keys(COMMANDS)) assert.match(help, new RegExp(`^  ${name} +\\S`, 'm'));
    assert.deepEqual(long(help), []);
  });

  it('of every command has its usage, its options and examples to copy, at eighty columns', async () => {
    for (const load of Object.values(COMMANDS)) {
      const command = await load();
      const help = await commandHelp(command);
      assert.ok(help.startsWith(`rereco ${command.usage}\n\n${command.summary}`), help);
      assert.match(help, /^ +-h, --help +Show help/m);
      assert.doesNotMatch(help, /default: \[\]/);
      for (const [line] of command.examples) assert.ok(help.includes(`  ${line}\n`), line);
      assert.deepEqual(long(help), []);
    }
  });
});
