import { randomUUID } from 'node:crypto';
import { chown, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { namedUserId, weHaveAName } from './account.ts';
import type { Binaries } from './binaries.ts';
import { SET_DATABASE_URL, ServerError } from './errors.ts';
import { exists } from './file-system.ts';
import type { Place } from './place.ts';
import { SERVER_USER } from './probe.ts';
import { type Account, run } from './run.ts';

/**
 * The settings a data folder is born with; its postgresql.conf may be edited afterwards.
 *
 * /dev/shm has 64 MB in a container, hence mmap. Failed statements carry lists of thousands of ids, so
 * the log names errors without the statements. fsync stays on.
 */
const SETTINGS: readonly string[] = [
  'shared_buffers=64MB',
  'max_connections=100',
  'dynamic_shared_memory_type=mmap',
  'log_checkpoints=off',
  'log_min_error_statement=panic',
];

/**
 * Make the data folder where there is none, whole or not at all.
 *
 * Call it under the start lock: what interrupted starts left is removed.
 *
 * @throws ServerError when initdb fails, or another major version of PostgreSQL made the folder
 */
export async function initialize(
  place: Place,
  binaries: Binaries,
  account: Account | undefined,
  signal: AbortSignal,
): Promise<void> {
  await removePartial(place);
  if (await exists(join(place.data, 'PG_VERSION'))) return refuseOtherMajor(place, binaries);

  const partial = join(place.home, `data.tmp-${randomUUID()}`);
  await mkdir(partial, { mode: 0o700 });
  if (account !== undefined) await chown(partial, account.uid, account.gid);
  const [program, ...args] = await initdbCommand(binaries.initdb, account);
  const ran = await run(program, [...args, ...initdbArguments(partial)], { account, folder: '/' }, signal);
  if (ran.failure !== undefined) {
    await rm(partial, { recursive: true, force: true });
    throw new ServerError(`${initdbFailure(program)} (${ran.failure}): ${SET_DATABASE_URL}`);
  }
  await rename(partial, place.data);
}

function initdbArguments(data: string): readonly string[] {
  const settings = SETTINGS.flatMap((setting) => ['--set', setting]);
  const access = ['--auth-local=trust', '--auth-host=reject', `--username=${SERVER_USER}`];
  return ['--no-locale', '--encoding=UTF8', '--no-instructions', ...access, ...settings, '-D', data];
}

/**
 * initdb, and it alone, asks the user database for our name. A bare number gets one in a user
 * namespace, where it is seen as a user that has one; on disk everything stays the number's.
 */
async function initdbCommand(
  initdb: string,
  account: Account | undefined,
): Promise<readonly [string, ...string[]]> {
  if (account !== undefined || weHaveAName()) return [initdb];
  const uid = await namedUserId();
  if (uid !== undefined) return ['unshare', `--map-user=${uid}`, '--', initdb];
  throw new ServerError(
    `user id ${process.geteuid?.()} has no name in /etc/passwd, and neither has any other id: initdb ` +
      `needs one: add an entry, or ${SET_DATABASE_URL}`,
  );
}

function initdbFailure(program: string): string {
  if (program !== 'unshare') return 'initdb could not make the data folder of the embedded PostgreSQL';
  return (
    `user id ${process.geteuid?.()} has no name in /etc/passwd, which initdb needs, and running it under ` +
    'another name in a user namespace failed: add an entry, run as a user that has one, or see below'
  );
}

async function refuseOtherMajor(place: Place, binaries: Binaries): Promise<void> {
  const made = (await readFile(join(place.data, 'PG_VERSION'), 'utf8')).trim();
  if (made === binaries.major) return;
  throw new ServerError(
    `the data folder ${place.data} was made by PostgreSQL ${made}, and this is ${binaries.major}: run the ` +
      `ReReco that made it and move its data with db backup and db restore, or ${SET_DATABASE_URL}`,
  );
}

async function removePartial(place: Place): Promise<void> {
  const names = (await readdir(place.home)).filter((name) => name.includes('.tmp-'));
  // An initdb whose starter was killed may still be writing into its own.
  const options = { recursive: true, force: true, maxRetries: 3 };
  await Promise.all(names.map((name) => rm(join(place.home, name), options)));
}
