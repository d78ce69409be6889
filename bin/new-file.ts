/** Writing a file that a person named: whole or not at all, and never over another by accident. */
import { createWriteStream } from 'node:fs';
import { link, lstat, open, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { giveName, syncFile, syncFolder, temporaryBeside } from '../reconcilers/drivers/store/durable.ts';
import { driverError, saysAbsent, systemCode } from '../reconcilers/drivers/store/faults.ts';
import { isDatabaseDown, UserError } from './failure.ts';

/** What happens to a file of that name: it is kept, and the new one refused, or it is replaced. */
export type Existing = 'keep' | 'replace';

/**
 * Write a file under another name beside its own, and give it its name when it is
 * whole and on the disk. What is interrupted leaves nothing of that name.
 *
 * @param write  ends the output; what it throws undoes everything
 * @returns what `write` does, and the size
 * @throws UserError where there can be no such file | DriverError where the disk says no
 */
export async function writeNewFile<T>(
  named: string,
  existing: Existing,
  write: (out: Writable) => Promise<T>,
): Promise<{ readonly result: T; readonly sizeBytes: number }> {
  const target = await placeFor(named, existing);
  const temporary = temporaryBeside(target);
  try {
    await make(temporary, named);
    const result = await write(createWriteStream(temporary));
    await syncFile(temporary);
    const { size } = await stat(temporary);
    if (existing === 'replace') await rename(temporary, target);
    else await giveName(temporary, target, link);
    return { result, sizeBytes: size };
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw new UserError(taken(named), { cause: error });
    // The writer's own trouble with a database is no word of the disk.
    throw isDatabaseDown(error) ? error : driverError(named, error);
  } finally {
    await rm(temporary, { force: true });
    await syncFolder(path.dirname(target)).catch(() => undefined);
  }
}

async function make(temporary: string, named: string): Promise<void> {
  try {
    await (await open(temporary, 'wx')).close();
  } catch (error) {
    throw new UserError(`${named} cannot be written: ${reasonOf(error)}`, { cause: error });
  }
}

/** The file itself where the name is a link to it, so that the link stays. */
async function placeFor(named: string, existing: Existing): Promise<string> {
  const there = await lstat(named).catch((error: unknown) => {
    if (saysAbsent(error)) return undefined;
    throw new UserError(`${named} cannot be written: ${reasonOf(error)}`, { cause: error });
  });
  if (there === undefined) return path.resolve(named);
  const meant = await stat(named).catch(() => there);
  if (meant.isDirectory()) throw new UserError(`${named} is a folder: name a file in it`);
  if (existing === 'keep') throw new UserError(taken(named));
  if (!meant.isFile()) throw new UserError(`${named} is no file, so it is not replaced: name another`);
  return realpath(named);
}

const taken = (named: string) => `${named} is there already: name another file, or replace it with --force`;

function reasonOf(error: unknown): string {
  if (saysAbsent(error)) return 'there is no such folder';
  return error instanceof Error ? error.message : String(error);
}
