import { type Command, print, texts } from '../command.ts';
import { allCommandNames, commandNamed } from '../commands.ts';
import { datasetNames } from '../dataset-names.ts';
import { EXIT, UserError } from '../failure.ts';
import { completionsOf } from '../typed/completions.ts';
import { declaredOf } from '../typed/declared.ts';

/** Prints what a shell needs to complete our command lines, and answers what may come next on one. */
export const completionCommand: Command = {
  usage: 'completion <shell> [words..]',
  summary: 'let the shell complete commands, options and names',
  examples: [
    ['source <(rereco completion bash)', 'in ~/.bashrc'],
    ['source <(rereco completion zsh)', 'in ~/.zshrc'],
  ],
  options: (argv) =>
    argv
      .positional('shell', {
        choices: ['bash', 'zsh', 'words'] as const,
        demandOption: true,
        describe: 'whose script is printed; words: what may come next',
      })
      .positional('words', { type: 'string', array: true, describe: 'words: what was typed' }),

  async run(argv, signal) {
    const [stray] = texts(argv.words);
    if (argv.shell !== 'words' && stray !== undefined) throw new UserError(`unknown argument: ${stray}`);
    if (argv.shell === 'bash') print(BASH);
    else if (argv.shell === 'zsh') print(ZSH);
    else
      for (const word of await nextWords(
        texts(argv.words).map((word) => word.slice(1)),
        signal,
      ))
        print(word);
    return EXIT.settled;
  },
};

async function nextWords(words: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
  const current = words.at(-1) ?? '';
  const [name, ...before] = words.slice(0, -1);
  const found = await wordsAfter(name, before, current, signal);
  // Where bash makes a word of `=`, the value begins after it.
  const begun = current === '=' ? '' : current;
  return found.filter((word) => word.startsWith(begun));
}

async function wordsAfter(
  name: string | undefined,
  before: readonly string[],
  current: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (name === undefined) return [...allCommandNames(), 'help', '--help', '--version'];
  if (name === 'help') return before.length === 0 ? allCommandNames() : [];
  const command = await commandNamed(name);
  if (command === undefined) return [];
  const afterEquals = current === '=' ? [...before, '='] : before;
  const { words, datasets } = completionsOf(afterEquals, current === '=' ? '' : current, declaredOf(command));
  return datasets ? [...words, ...(await datasetNames(signal))] : words;
}

const BASH = `# Completion of rereco in bash: source <(rereco completion bash)
_rereco() {
  local IFS=$'\\n'
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=($("$1" completion words -- "\${words[@]/#/.}" 2>/dev/null))
}
complete -o default -F _rereco rereco`;

const ZSH = `#compdef rereco
# Completion of rereco in zsh: source <(rereco completion zsh)
_rereco() {
  local -a found
  found=("\${(@f)$("$words[1]" completion words -- "\${(@)words[2,CURRENT]/#/.}" 2>/dev/null)}")
  if [[ -n "$found[1]" ]]; then compadd -- "\${found[@]}"; else _files; fi
}
if [[ "$funcstack[1]" == _rereco ]]; then
  _rereco
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _rereco rereco
fi`;
