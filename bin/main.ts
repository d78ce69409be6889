/** What people type: one module a command, and the one place where an error becomes an exit code. */
import yargs from 'yargs';
import { BackupError } from '../db/backup/errors.ts';
import { SchemaError } from '../db/migrate.ts';
import { ServerError } from '../db/server/errors.ts';
import { ForeignMarker } from '../reconcilers/act/marker.ts';
import { DriverError } from '../reconcilers/ports/errors.ts';
import type { Command } from './command.ts';
import { listenForSignals, outliveReaders } from './ending.ts';
import { EXIT, isDatabaseDown, UserError } from './failure.ts';
import { checkGiven, declaredBy, withoutDashes, withRest } from './given.ts';

/** In the order of the help: everyday, repair, look, administer. Loading them all takes longer than most do their work. */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  validate: async () => (await import('./commands/validate.ts')).validateCommand,
  reconcile: async () => (await import('./commands/reconcile.ts')).reconcileCommand,
  watch: async () => (await import('./commands/watch.ts')).watchCommand,
  status: async () => (await import('./commands/status.ts')).statusCommand,
  clean: async () => (await import('./commands/clean.ts')).cleanCommand,
  resubmit: async () => (await import('./commands/clean.ts')).resubmitCommand,
  settle: async () => (await import('./commands/settle.ts')).settleCommand,
  dataset: async () => (await import('./commands/dataset.ts')).datasetCommand,
  get: async () => (await import('./commands/get.ts')).getCommand,
  why: async () => (await import('./commands/why.ts')).whyCommand,
  history: async () => (await import('./commands/history.ts')).historyCommand,
  errors: async () => (await import('./commands/errors.ts')).errorsCommand,
  ledger: async () => (await import('./commands/ledger.ts')).ledgerCommand,
  logs: async () => (await import('./commands/logs.ts')).logsCommand,
  explain: async () => (await import('./commands/explain.ts')).explainCommand,
  db: async () => (await import('./commands/db.ts')).dbCommand,
  demo: async () => (await import('./commands/demo.ts')).demoCommand,
};

/** The command that is named first; all of them where none is, for help and suggestions. */
async function commandsFor([name = '']: readonly string[]): Promise<readonly Command[]> {
  const named = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return Promise.all(named ? [named()] : Object.values(COMMANDS).map((load) => load()));
}

export { endWith } from './ending.ts';

/** Run one command line. @returns the exit code: 0 settled, 1 failure, 2 the user's mistake, 3 work remains */
export async function main(typed: readonly string[], version: string): Promise<number> {
  const args = withoutDashes(typed);
  const stop = listenForSignals();
  outliveReaders();
  let code: number = EXIT.settled;
  try {
    let parser = yargs([...args])
      .scriptName('rereco')
      .version(version)
      .usage('$0 <command>\n\nReconciles data reprocessing campaigns with their specs.')
      .strict()
      .demandCommand(1, 1, 'name a command; `rereco --help` lists them')
      .recommendCommands()
      .wrap(Math.min(100, process.stdout.columns || 80))
      .exitProcess(false)
      // Each `--name` takes one value; `--name.x` is unknown, and not a part of `--name`.
      .parserConfiguration({ 'dot-notation': false, 'greedy-arrays': false })
      .fail((message, error) => {
        throw error ?? new UserError(message);
      });
    for (const command of await commandsFor(args)) {
      parser = parser.command(
        command.usage,
        command.summary,
        (y) => {
          const known = command.options(y).example(command.examples.map(([line, what]) => [line, what]));
          if (!isHelp(args)) checkGiven(args, declaredBy(known, command.usage));
          return known;
        },
        async (argv) => {
          code = await command.run(withRest(argv, command), stop.signal, version);
        },
      );
    }
    await parser.parseAsync();
    return code;
  } catch (error) {
    return tell(error, stop.signal);
  } finally {
    stop.close();
  }
}

function isHelp(args: readonly string[]): boolean {
  return ['--help', '--version'].some((word) => args.includes(word));
}

function tell(error: unknown, signal: AbortSignal): number {
  if (signal.aborted) {
    process.stderr.write('stopped; jobs and transfers that run go on, the next pass finds them\n');
    return EXIT.workRemains;
  }
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`rereco: ${message}\n`);
  if (error instanceof UserError || error instanceof BackupError) return EXIT.mistake;
  if (isDatabaseDown(error)) {
    process.stderr.write('the database went away; nothing is lost: run the command again\n');
    return EXIT.failure;
  }
  const expected = [ServerError, SchemaError, ForeignMarker, DriverError].some(
    (kind) => error instanceof kind,
  );
  if (!expected && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return EXIT.failure;
}
