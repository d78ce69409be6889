/** What people type: one module a command, and the one place where an error becomes an exit code. */
import { BackupError } from '../db/backup/errors.ts';
import { SchemaError } from '../db/migrate.ts';
import { ServerError } from '../db/server/errors.ts';
import { ForeignMarker } from '../reconcilers/act/marker.ts';
import { DriverError } from '../reconcilers/ports/errors.ts';
import { nearest } from '../specs/nearest.ts';
import { type Command, print } from './command.ts';
import { COMMANDS, commandNamed, GROUPS } from './commands.ts';
import { listenForSignals, outliveReaders } from './ending.ts';
import { EXIT, isDatabaseDown, Unreachable, UserError } from './failure.ts';
import { commandHelp, generalHelp } from './print/help.ts';
import { safeText } from './print/shown.ts';
import { complain } from './print/wrap.ts';
import { askedFor } from './typed/asked.ts';
import { declaredOf } from './typed/declared.ts';
import { givenIn } from './typed/given.ts';

export { endWith } from './ending.ts';

/** Run one command line. @returns the exit code: 0 settled, 1 failure, 2 the user's mistake, 3 work remains */
export async function main(args: readonly string[], version: string): Promise<number> {
  const stop = listenForSignals();
  outliveReaders();
  try {
    const { what, name, rest } = askedFor(args, (word) => Object.hasOwn(COMMANDS, word));
    if (what === 'version') {
      print(version);
      return EXIT.settled;
    }
    if (what === 'help' && name === undefined) {
      print(await helpOfAll());
      return EXIT.settled;
    }
    const command = await commandOf(name);
    if (what === 'help') {
      print(await commandHelp(command));
      return EXIT.settled;
    }
    return await command.run(givenIn(rest, declaredOf(command)), stop.signal, version);
  } catch (error) {
    return tell(error, stop.signal);
  } finally {
    stop.close();
  }
}

/** @throws UserError where no command is named, or one that there is not */
async function commandOf(name: string | undefined): Promise<Command> {
  if (name === undefined) throw new UserError('name a command; `rereco --help` lists them');
  const command = await commandNamed(name);
  if (command !== undefined) return command;
  const near = nearest(name, [...Object.keys(COMMANDS), 'help']);
  const hint = near === undefined ? '`rereco --help` lists them' : `did you mean ${near}?`;
  throw new UserError(`there is no command ${name}; ${hint}`);
}

async function helpOfAll(): Promise<string> {
  const loaded: Record<string, readonly Command[]> = {};
  for (const [title, commands] of Object.entries(GROUPS)) {
    loaded[title] = await Promise.all(Object.values(commands).map((load) => load()));
  }
  return generalHelp(loaded);
}

function tell(error: unknown, signal: AbortSignal): number {
  if (signal.aborted) {
    process.stderr.write('stopped; jobs and transfers that run go on, the next pass finds them\n');
    return EXIT.workRemains;
  }
  const message = error instanceof Error ? error.message : String(error);
  complain(`rereco: ${safeText(message)}`);
  if (error instanceof UserError || error instanceof BackupError) return EXIT.mistake;
  if (error instanceof Unreachable) return EXIT.failure;
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
