import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** The text of a file, or why there is none: the end of a sentence that begins with its name. */
export type ReadText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly sentence: string };

/** Larger files are not read: a list that long belongs into a manifest. */
export const LARGEST_BYTES = 5_000_000;

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
    // Without O_NONBLOCK opening a pipe would wait for somebody to write.
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const found = await handle.stat();
    if (found.isDirectory())
      return { ok: false, sentence: 'is a folder; name a file, or a folder without .yaml' };
    if (!found.isFile()) return { ok: false, sentence: 'is no regular file' };
    if (found.size > LARGEST_BYTES) return { ok: false, sentence: tooLarge(found.size) };
    return decoded(await handle.readFile());
  } catch (error) {
    return { ok: false, sentence: reasonOf(error) };
  } finally {
    await handle?.close();
  }
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
  if (bytes.includes(0)) return { ok: false, sentence: 'is a binary file, not text' };
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { ok: false, sentence: 'is not text in UTF-8' };
  }
}
