/**
 * Where the files of a state folder's server are.
 *
 * An ordinary user has all of it in place; as root the server's own user must reach data, socket and
 * programs, so they have a home of their own, which `place.json` records:
 *
 *   <state>/postgres/            folder, mode 0700
 *     server.log, start.lock, place.json
 *     data/ run/ native-…/       home: here, or below /var/lib/rereco/<hash>-…/
 */
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, realpath, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isRoot } from './account.ts';
import { hasCode, messageOf, SET_DATABASE_URL, ServerError } from './errors.ts';
import { exists, refuseNetworkFileSystem } from './file-system.ts';

/** Where the homes of servers are that root started. */
export const ROOT_HOMES = '/var/lib/rereco';

/** The paths of one server. */
export interface Place {
  readonly folder: string;
  readonly home: string;
  readonly data: string;
  /** The folder of the socket, where its path is short enough. */
  readonly run: string;
  readonly log: string;
  readonly lock: string;
}

/** The folder below a state folder that holds what belongs to its server. */
export function serverFolder(stateDir: string): string {
  return join(resolve(stateDir), 'postgres');
}

/** The lock under which the server of a state folder is started and stopped. */
export function lockPath(stateDir: string): string {
  return join(serverFolder(stateDir), 'start.lock');
}

/**
 * Where the server of a state folder is, if it was ever made; nothing is created.
 *
 * @returns `undefined` when there is no complete data folder
 */
export async function findPlace(stateDir: string): Promise<Place | undefined> {
  const place = await recordedPlace(stateDir);
  return (await exists(join(place.data, 'PG_VERSION'))) ? place : undefined;
}

/** Where the files of a state folder's server are as far as that is decided, whether they are there or not. */
export async function recordedPlace(stateDir: string): Promise<Place> {
  const folder = serverFolder(stateDir);
  return placeAt(folder, (await recordedHome(folder)) ?? folder);
}

/**
 * Where the server of a state folder is or is to be made; its home exists afterwards.
 *
 * Call it under the start lock: it records the home.
 *
 * @throws ServerError when the place is on a network file system or cannot be made
 */
export async function makePlace(stateDir: string): Promise<Place> {
  const folder = serverFolder(stateDir);
  await refuseNetworkFileSystem(folder);
  const found = await findPlace(stateDir);
  // What an ordinary user made in place stays there, also when root comes by.
  const home = found?.home ?? (await recordedHome(folder)) ?? (isRoot() ? await rootHome(folder) : folder);
  const place = placeAt(folder, home);
  await mkdir(home, { recursive: true });
  await refuseNetworkFileSystem(place.home);
  return place;
}

/** Make the folder that holds the lock, closed to other users. */
export async function makeServerFolder(stateDir: string): Promise<void> {
  // Refused before anything is created there.
  await refuseNetworkFileSystem(serverFolder(stateDir));
  await mkdir(serverFolder(stateDir), { recursive: true, mode: 0o700 });
}

function placeAt(folder: string, home: string): Place {
  return {
    folder,
    home,
    data: join(home, 'data'),
    run: join(home, 'run'),
    log: join(folder, 'server.log'),
    lock: join(folder, 'start.lock'),
  };
}

async function recordedHome(folder: string): Promise<string | undefined> {
  const path = join(folder, 'place.json');
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const home = homeIn(text);
  if (home !== undefined) return home;
  throw new ServerError(`${path} should name the folder of the database server, and does not: restore it`);
}

function homeIn(text: string): string | undefined {
  try {
    const record: unknown = JSON.parse(text);
    if (typeof record !== 'object' || record === null || !('home' in record)) return undefined;
    return typeof record.home === 'string' ? record.home : undefined;
  } catch {
    return undefined;
  }
}

async function rootHome(folder: string): Promise<string> {
  try {
    const hash = createHash('sha256')
      .update(await realpath(folder))
      .digest('hex');
    const made = await mkdir(ROOT_HOMES, { recursive: true });
    // Whatever our umask is, the server's user must be able to pass.
    if (made !== undefined) await chmod(ROOT_HOMES, 0o755);
    // A fresh name each time: a state folder that was removed must not come back with old data.
    const home = await mkdtemp(join(ROOT_HOMES, `${hash.slice(0, 16)}-`));
    await chmod(home, 0o711);
    await writeFile(join(folder, 'place.json.new'), `${JSON.stringify({ home })}\n`);
    await rename(join(folder, 'place.json.new'), join(folder, 'place.json'));
    return home;
  } catch (error) {
    throw new ServerError(
      `as root the database server needs a folder of its own in ${ROOT_HOMES}, which cannot be made ` +
        `(${messageOf(error)}): make ${ROOT_HOMES} writable, run as an ordinary user, or ${SET_DATABASE_URL}`,
      { cause: error },
    );
  }
}
