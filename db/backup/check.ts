import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Migration } from '../migrations/index.ts';
import type { Progress } from './backup.ts';
import { BackupError } from './errors.ts';
import { CHECKSUMS, MANIFEST, type Manifest, parseChecksums, parseManifest, placeOf } from './manifest.ts';
import { type Section, sectionsOf } from './read-tar.ts';

/** A backup that is whole, as far as its checksums tell. */
export interface CheckedBackup {
  readonly file: string;
  readonly sizeBytes: number;
  readonly manifest: Manifest;
  /** SHA-256 of the rows of each table, by its place in the file. */
  readonly sums: ReadonlyMap<string, string>;
}

/** Far more than the names of a thousand tables; a manifest of this size is something else. */
const MOST_TEXT_BYTES = 16 * 1024 * 1024;

const SUM_OF_NOTHING = createHash('sha256').digest('hex');

/**
 * Read a backup whole, and believe it only when every checksum is right.
 *
 * @throws BackupError saying what is wrong with the file
 */
export async function checkBackup(
  file: string,
  tell: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<CheckedBackup> {
  const { size } = await found(file);
  const sums = new Map<string, string>();
  const texts = new Map<string, string>();
  let bytes = 0;
  for await (const section of sectionsOf(file, signal)) {
    const { name } = section;
    if (sums.size === 0 && name !== MANIFEST) throw foreign(file, `it begins with ${name}`);
    if (sums.has(name) || texts.has(CHECKSUMS)) throw damaged(file, `${name} is out of place`);
    const read = await readSection(file, section, (more) => {
      bytes += more;
      tell({ table: name, bytes, ofBytes: size });
    });
    sums.set(name, read.sum);
    if (read.text !== null) texts.set(name, read.text);
  }
  const manifest = parseManifest(texts.get(MANIFEST) ?? '', file);
  const checksums = texts.get(CHECKSUMS);
  if (checksums === undefined) throw damaged(file, 'it is cut short');
  const claimed = parseChecksums(checksums);
  sums.delete(CHECKSUMS);
  compare(file, manifest, claimed, sums);
  return { file, sizeBytes: size, manifest, sums: claimed };
}

async function readSection(
  file: string,
  { name, bytes }: Section,
  more: (count: number) => void,
): Promise<{ readonly sum: string; readonly text: string | null }> {
  const sum = createHash('sha256');
  const isText = name === MANIFEST || name === CHECKSUMS;
  const held: Buffer[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    sum.update(chunk);
    size += chunk.length;
    more(chunk.length);
    if (!isText) continue;
    held.push(chunk);
    if (size > MOST_TEXT_BYTES) throw damaged(file, `${name} has more than ${MOST_TEXT_BYTES} bytes`);
  }
  return { sum: sum.digest('hex'), text: isText ? Buffer.concat(held).toString('utf8') : null };
}

/**
 * The migrations that make the schema a backup was taken from.
 *
 * @param known  all that this program has
 * @throws BackupError when the backup has others
 */
export function migrationsOf(
  { file, manifest }: CheckedBackup,
  known: readonly Migration[],
): readonly Migration[] {
  const names = known.map(({ name }) => name);
  const unknown = manifest.migrations.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new BackupError(
      `${file} was made by a newer rereco (${manifest.program}, which has ${unknown.join(', ')}): ` +
        'restore it with that one',
    );
  }
  const first = known.slice(0, manifest.migrations.length);
  const missing = first.filter(({ name }) => !manifest.migrations.includes(name));
  if (missing.length === 0) return first;
  throw new BackupError(
    `${file} has no migration ${missing.map(({ name }) => name).join(', ')}, though later ones: ` +
      'its database was not made by rereco alone',
  );
}

async function found(file: string): Promise<{ readonly size: number }> {
  const about = await stat(file).catch((error: NodeJS.ErrnoException) => {
    const how = error.code === 'ENOENT' ? 'there is no such file' : error.message;
    throw new BackupError(`${file} cannot be read: ${how}`, { cause: error });
  });
  if (about.isFile()) return about;
  throw new BackupError(`${file} is ${about.isDirectory() ? 'a folder' : 'no file'}: name a backup's file`);
}

function compare(
  file: string,
  manifest: Manifest,
  claimed: ReadonlyMap<string, string>,
  seen: ReadonlyMap<string, string>,
): void {
  const tables = manifest.parts.flatMap((part) => part.tables.map((table) => placeOf(part, table)));
  const expected = [MANIFEST, ...tables];
  // An empty table has no piece.
  const wrong = expected.filter((place) => (seen.get(place) ?? SUM_OF_NOTHING) !== claimed.get(place));
  const extra = [...seen.keys(), ...claimed.keys()].filter((place) => !expected.includes(place));
  const [first] = [...wrong, ...extra];
  if (first !== undefined) throw damaged(file, `${first} is not what its checksum says`);
}

function foreign(file: string, how: string): BackupError {
  return new BackupError(`${file} is not a backup of rereco: ${how}`);
}

function damaged(file: string, how: string): BackupError {
  return new BackupError(`${file} is damaged: ${how}; nothing was restored, take another backup`);
}
