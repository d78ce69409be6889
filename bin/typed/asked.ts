/** Which command a command line names, and whether only help or the version is asked for. */

/** What is asked for. */
export interface Asked {
  readonly what: 'run' | 'help' | 'version';
  /** The command's word; undefined where none is named. */
  readonly name: string | undefined;
  /** What was typed besides that word. */
  readonly rest: readonly string[];
}

/** Read the first word, and look for `-h`, `--help` and `--version` before any `--`. */
export function askedFor(args: readonly string[], isCommand: (word: string) => boolean): Asked {
  const dashes = args.indexOf('--');
  const before = dashes < 0 ? args : args.slice(0, dashes);
  const isHelp = before.some((arg) => arg === '-h' || arg === '--help');
  if (args[0] === 'help') return { what: 'help', name: args[1], rest: args.slice(2) };
  if (!isHelp && before.includes('--version')) return { what: 'version', name: undefined, rest: [] };
  // Options may come first, as in `rereco -o json status`: then the command is the first word that is one.
  const first = args[0]?.startsWith('-') ? before.findIndex(isCommand) : 0;
  const name = first < 0 ? undefined : args[first];
  const rest = first < 0 ? args : args.filter((_, at) => at !== first);
  return { what: isHelp ? 'help' : 'run', name, rest };
}
