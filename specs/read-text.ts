import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';

/** The text of a file, or why there is none: the end of a sentence that begins with its name. */
export type ReadText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly sentence: string; readonly isGone: boolean };

/** Larger files are not read: a list that long belongs into a manifest. */
export const LARGEST_BYTES = 5_000_000;
const PIECE_BYTES = 65_536;

/** Why a file cannot be opened or listed, by the system's code. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read by this user',
  EPERM: 'may not be read by this user',
  ELOOP: 'is a symbolic link that leads back to itself',
  ENOTDIR: 'lies below something that is no folder',
  ENXIO: 'is no regular file',
  ENAMETOOLONG: 'has a name that is too long',
};

/**
 * Read a file as text; never waits on a pipe, never reads a huge or binary file.
 *
 * Errors of the file system become sentences too: one file must not stop the others.
 */
export async function readText(file: string): Promise<ReadText> {
  let handle: FileHandle | undefined;
  try {
    // Opening alone may move a device: a tape rewinds.
    const unfit = unfitness(await stat(file));
    if (unfit !== undefined) return wrong(unfit);
    // It may have changed since. Without O_NONBLOCK opening a pipe would wait for somebody to write.
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const unfitNow = unfitness(await handle.stat());
    if (unfitNow !== undefined) return wrong(unfitNow);
    return decoded(await bytesOf(handle));
  } catch (error) {
    return { ok: false, sentence: reasonOf(error), isGone: isGone(error) };
  } finally {
    // What was read is read.
    await handle?.close().catch(() => undefined);
  }
}

function wrong(sentence: string): ReadText {
  return { ok: false, sentence, isGone: false };
}

function unfitness(found: Stats): string | undefined {
  if (found.isDirectory()) return 'is a folder; name a file, or a folder without .yaml';
  if (!found.isFile()) return 'is no regular file';
  return found.size > LARGEST_BYTES ? tooLarge(found.size) : undefined;
}

/** A file may grow while it is read, and those of /proc have no size at all. */
async function bytesOf(handle: FileHandle): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  while (size <= LARGEST_BYTES) {
    const { bytesRead, buffer } = await handle.read({ buffer: Buffer.alloc(PIECE_BYTES) });
    if (bytesRead === 0) break;
    pieces.push(buffer.subarray(0, bytesRead));
    size += bytesRead;
  }
  return Buffer.concat(pieces);
}

/** Whether the file system says that a file is not there. */
export function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESTALE');
}

/** Why the file system refused, in words. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return REASONS[code] ?? `cannot be read (${code})`;
}

function tooLarge(bytes: number): string {
  const size = Math.ceil(bytes / 1e6);
  return `has ${size} MB, more than the 5 MB of a spec; put long lists into an NDJSON manifest`;
}

function decoded(bytes: Buffer): ReadText {
  if (bytes.length > LARGEST_BYTES) return wrong(tooLarge(bytes.length));
  if (bytes.includes(0)) return wrong('is a binary file, not text');
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return wrong('is not text in UTF-8');
  }
}
