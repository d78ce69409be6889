import { chown, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Place } from './place.ts';
import type { Account } from './run.ts';

/** The port only names the socket; nothing listens on the network. */
export const SOCKET_PORT = 5432;

/** sockaddr_un has 108 bytes for a path and its end mark. */
const SOCKET_PATH_BYTES = 107;
const SHORT_PREFIX = 'rereco-';

/** Whether a socket in a folder has a path the system can take, and PostgreSQL can be told. */
export function socketFits(folder: string): boolean {
  const socket = join(folder, `.s.PGSQL.${SOCKET_PORT}`);
  return Buffer.byteLength(socket) <= SOCKET_PATH_BYTES && !/[\n\r"]/.test(folder);
}

/**
 * Make the folder for a server's socket, which only the server's user, and root, can enter.
 *
 * That is what keeps other users out: the server itself trusts whoever reaches the socket.
 *
 * @returns the run folder of the place, or a fresh short one where that path is too long; the
 *   server's postmaster.pid records which
 */
export async function makeSocketFolder(place: Place, account: Account | undefined): Promise<string> {
  const folder = socketFits(place.run) ? place.run : await mkdtemp(join(shortParent(), SHORT_PREFIX));
  const made = folder === place.run ? await mkdir(folder, { recursive: true, mode: 0o700 }) : folder;
  // One that was there is left as it is: root must not give away what somebody put in its place.
  if (made !== undefined && account !== undefined) await chown(folder, account.uid, account.gid);
  return folder;
}

/**
 * Remove what a dead server left of its socket.
 *
 * @param folder  the folder its postmaster.pid named; a short one goes whole
 */
export async function removeSocket(place: Place, folder: string): Promise<void> {
  await removeSocketFiles(place.run);
  // Only a folder that we made has this prefix, and the record is in a folder only we can write.
  if (folder === place.run || !basename(folder).startsWith(SHORT_PREFIX)) return;
  await rm(folder, { recursive: true, force: true });
}

async function removeSocketFiles(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const ours = names.filter((name) => name.startsWith('.s.PGSQL.'));
  await Promise.all(ours.map((name) => rm(join(folder, name), { force: true })));
}

function shortParent(): string {
  return socketFits(join(tmpdir(), `${SHORT_PREFIX}XXXXXX`)) ? tmpdir() : '/tmp';
}
