import { access, readFile, realpath, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode, SET_DATABASE_URL, ServerError } from './errors.ts';

/**
 * The kinds of file system that other machines can write at the same time, by `f_type`.
 *
 * Source: statfs(2) and the kernel's magic.h; Lustre, GPFS and BeeGFS from their own headers.
 */
const NETWORK_TYPES: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
  [0x19830326, 'BeeGFS'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x00c36400, 'CephFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x01021997, '9p'],
]);

const FUSE_TYPE = 0x65735546;

/** Programs behind FUSE that keep their files on this machine's disks. */
const LOCAL_FUSE: readonly string[] = ['fuseblk', 'fuse.fuse-overlayfs', 'fuse.mergerfs', 'fuse.bindfs'];

/** Whether something is at a path; an answer that does not say (forbidden) is thrown, never "no". */
export async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}

/**
 * The name of the network file system a number of statfs stands for.
 *
 * @param type  `f_type` as statfs gives it
 * @param mounted  the kind the mount table names, which alone tells what is behind FUSE
 * @returns `undefined` for a file system of this machine
 */
export function networkFileSystem(type: number, mounted: string | undefined): string | undefined {
  // A 32-bit kernel gives CIFS's number as a negative one.
  const known = NETWORK_TYPES.get(type >>> 0);
  if (known !== undefined) return known;
  if (type >>> 0 !== FUSE_TYPE || mounted === undefined || LOCAL_FUSE.includes(mounted)) return undefined;
  return mounted;
}

/**
 * The kind of the mount a path is on, as the mount table names it.
 *
 * @param table  the text of /proc/self/mountinfo
 */
export function mountKind(table: string, path: string): string | undefined {
  let best = { point: '', kind: undefined as string | undefined };
  for (const line of table.split('\n')) {
    const [mount = '', kind = ''] = line.split(' - ');
    const point = (mount.split(' ')[4] ?? '').replaceAll('\\040', ' ');
    const inside = path === point || path.startsWith(point.endsWith('/') ? point : `${point}/`);
    // A later mount on the same point hides the earlier one.
    if (point !== '' && inside && point.length >= best.point.length)
      best = { point, kind: kind.split(' ')[0] };
  }
  return best.kind;
}

/**
 * Refuse a folder that other machines can write at the same time.
 *
 * @param path  need not exist yet; then its nearest parent is asked
 * @throws ServerError when it is on a network file system
 */
export async function refuseNetworkFileSystem(path: string): Promise<void> {
  const nearest = await nearestExisting(path);
  const { type } = await statfs(nearest);
  if (process.platform !== 'linux') return;

  const mounted = type >>> 0 === FUSE_TYPE ? await mountedKind(nearest) : undefined;
  const network = networkFileSystem(type, mounted);
  if (network === undefined) return;
  throw new ServerError(
    `${path} is on a network file system (${network}), where a database server can lose data: ` +
      `${SET_DATABASE_URL}, or put the state folder on a local disk`,
  );
}

async function mountedKind(path: string): Promise<string | undefined> {
  return mountKind(await readFile('/proc/self/mountinfo', 'utf8'), await realpath(path));
}

async function nearestExisting(path: string): Promise<string> {
  if (await exists(path)) return path;
  const parent = dirname(path);
  return parent === path ? path : nearestExisting(parent);
}
