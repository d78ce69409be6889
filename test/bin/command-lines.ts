/** Command lines of documents and examples, read as a shell and then the program read them. */
import assert from 'node:assert/strict';
import { COMMANDS } from '../../bin/commands.ts';
import { askedFor } from '../../bin/typed/asked.ts';
import { declaredOf } from '../../bin/typed/declared.ts';
import { givenIn } from '../../bin/typed/given.ts';

/** Take a line such as `npx rereco get files | head` as the program would. @throws UserError where it would not */
export async function assertTaken(line: string): Promise<void> {
  const { what, name = '', rest } = askedFor(wordsOf(line), (word) => Object.hasOwn(COMMANDS, word));
  const load = COMMANDS[name];
  assert.ok(load !== undefined, `there is no command ${name}: ${line}`);
  if (what === 'run') givenIn(rest, declaredOf(await load()));
}

/** The words after `rereco` as a shell reads them, up to a comment, a redirection, a pipe or a closing bracket. */
function wordsOf(line: string): readonly string[] {
  const [, words = ''] = /rereco (.*?)(?:\)$| [#>|]|$)/.exec(line) ?? [];
  return (words.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^(["'])(.*)\1$/, '$2'));
}
