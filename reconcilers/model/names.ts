/** Every name ReReco makes outside, in one place. */
import { OWN_FOLDER, type StorePath, type SubmissionName } from '../../machines/model.ts';

/** In a dry run, the number of a request that is assigned when its dataset is first applied. */
export const NEW_REQUEST = 0;

/** The site of datasets that have none: each spec's own folder is a store of it. */
export const BUILT_IN_SITE = 'local';

/** The installation's marker in a spool or store (law 2). */
export const MARKER_PATH: StorePath = `${OWN_FOLDER}/installation.json`;

/** Where attempts have their folders. */
export const ATTEMPTS: StorePath = `${OWN_FOLDER}/attempts`;

/** Where files go that must not count. */
export const QUARANTINE: StorePath = `${OWN_FOLDER}/quarantine`;

/** `r<request>-<installation>-<n>`: unique for ever, legal in every batch system. */
export function submissionName(requestId: number, installation: string, number: number): SubmissionName {
  return `r${requestId}-${installation}-${number}`;
}

/** `isOurs` says whether this installation made a name: names of others are never adopted, cancelled or deleted (law 2). */
export function isOurs(name: SubmissionName, installation: string): boolean {
  const made = /^r\d+-(.+)-\d+$/.exec(name);
  return made?.[1] === installation;
}

/** Where an attempt's file is written before it counts. */
export function attemptPath(name: SubmissionName, file: string): StorePath {
  return `${ATTEMPTS}/${name}/${file}`;
}

/** The submission whose attempt a path belongs to; undefined when it is no attempt's path. */
export function attemptOf(path: StorePath): SubmissionName | undefined {
  const [own, folder, name, file] = path.split('/');
  return own === OWN_FOLDER && folder === 'attempts' && file !== undefined ? name : undefined;
}

/** The submission a folder of an attempt is named for; undefined for any other path. */
export function folderOf(path: StorePath): SubmissionName | undefined {
  return path.startsWith(`${ATTEMPTS}/`) ? attemptOf(`${path}/x`) : undefined;
}

/** Where a file goes that must not count: kept for people, under the number of the step that put it away. */
export function quarantinePath(path: StorePath, number: number): StorePath {
  return `${QUARANTINE}/${number}/${shortened(path.replaceAll('/', '%'))}`;
}

/** The longest name of one file or folder that common file systems take, in bytes. */
export const LONGEST_NAME_BYTES = 255;

/**
 * A file's name that fits where the name given would not: the end of it, which tells
 * people most, after a hash of all of it, which keeps two long names apart.
 *
 * @returns the very same name where it fits
 */
export function shortened(name: string): string {
  if (Buffer.byteLength(name) <= LONGEST_NAME_BYTES) return name;
  const mark = `${hashOf(name)}~`;
  const characters = [...name];
  let room = LONGEST_NAME_BYTES - mark.length;
  let from = characters.length;
  for (; from > 0; from -= 1) {
    room -= Buffer.byteLength(characters[from - 1] ?? '');
    if (room < 0) break;
  }
  return mark + characters.slice(from).join('');
}

/** FNV-1a of the name's bytes, 64 bits in hex. */
function hashOf(text: string): string {
  let value = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) value = BigInt.asUintN(64, (value ^ BigInt(byte)) * 0x100000001b3n);
  return value.toString(16).padStart(16, '0');
}

/** A folder and a file's name as one path; the folder may be empty. */
export function inFolder(folder: string, name: string): StorePath {
  const trimmed = folder.replace(/^\/+|\/+$/g, '');
  return trimmed === '' ? name : `${trimmed}/${name}`;
}
