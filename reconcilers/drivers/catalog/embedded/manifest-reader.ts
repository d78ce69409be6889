import type { BigIntStats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { DriverError } from '../../../ports/errors.ts';
import { LineError, type ManifestFile, manifestLine } from './manifest-line.ts';

/** A file of a manifest, and the line that names it. */
export interface NumberedFile {
  readonly line: number;
  readonly file: ManifestFile;
}

/** A longer line is no manifest's: a binary file, or one without line ends. */
const LONGEST_LINE_BYTES = 1_048_576;
const READ_BYTES = 262_144;

function unreadable(path: string, error: unknown): unknown {
  // What `take` throws passes through here as well; only the file system's errors have a syscall.
  if (!(error instanceof Error && 'code' in error && 'syscall' in error)) return error;
  const { code } = error;
  const options = { cause: error };
  if (code === 'EACCES' || code === 'EPERM') {
    return new DriverError('forbidden', `manifest ${path} may not be read (${code}); allow it`, options);
  }
  if (code === 'EISDIR')
    return new DriverError('rejected', `manifest ${path} is a folder; name a file`, options);
  return new DriverError('unavailable', `manifest ${path} cannot be read (${code})`, options);
}

/** What changes when a file is replaced or written to, even where its size stays the same. */
function signatureOf(stats: BigIntStats): string {
  return [stats.size, stats.mtimeNs, stats.ctimeNs, stats.ino].join(':');
}

/**
 * A text that stays the same as long as a manifest is not written to.
 *
 * @throws DriverError `unavailable` when it is not there | `forbidden`
 */
export async function manifestSignature(path: string): Promise<string> {
  try {
    return signatureOf(await stat(path, { bigint: true }));
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Lines by `\n` alone: node:readline also splits at U+2028, which JSON allows inside a text. */
async function* linesOf(handle: FileHandle, sizeBytes: number): AsyncIterable<Buffer> {
  let rest = Buffer.alloc(0);
  // Not to the end of the file: one that grows as fast as it is read has none.
  for (let at = 0; at < sizeBytes; ) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(READ_BYTES), 0, READ_BYTES, at);
    if (bytesRead === 0) break;
    at += bytesRead;
    const block = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    let start = 0;
    for (let end = block.indexOf(10); end >= 0; end = block.indexOf(10, start)) {
      yield block.subarray(start, end);
      start = end + 1;
    }
    rest = block.subarray(start);
    // Given as it is: the caller finds it too long and stops reading.
    if (rest.length > LONGEST_LINE_BYTES) break;
  }
  if (rest.length > 0) yield rest;
}

function parsedLine(bytes: Buffer, utf8: InstanceType<typeof TextDecoder>): ManifestFile | null {
  if (bytes.length > LONGEST_LINE_BYTES) throw new LineError(`longer than ${LONGEST_LINE_BYTES} bytes`);
  let line: string;
  try {
    line = utf8.decode(bytes).trim();
  } catch {
    throw new LineError('this is no UTF-8; a manifest is a text, one JSON object a line');
  }
  return line === '' ? null : manifestLine(line);
}

async function* filesOf(path: string, handle: FileHandle, sizeBytes: number): AsyncIterable<NumberedFile> {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  let line = 0;
  for await (const bytes of linesOf(handle, sizeBytes)) {
    line++;
    try {
      const file = parsedLine(bytes, utf8);
      if (file) yield { line, file };
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      throw new DriverError('rejected', `${path}:${line}: ${error.message}`, { cause: error });
    }
  }
}

/**
 * Read a manifest to its end, handing its files to `take` in batches, in order.
 *
 * @returns the signature of what was read
 * @throws DriverError `rejected` (`file:line: sentence`) at the first bad line |
 *   `unavailable` when it was written to meanwhile or cannot be read | `forbidden`
 */
export async function readManifest(
  path: string,
  batchSize: number,
  take: (batch: readonly NumberedFile[]) => Promise<void>,
): Promise<string> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw unreadable(path, error);
  });
  try {
    const stats = await handle.stat({ bigint: true });
    const before = signatureOf(stats);
    let batch: NumberedFile[] = [];
    for await (const numbered of filesOf(path, handle, Number(stats.size))) {
      if (batch.push(numbered) < batchSize) continue;
      await take(batch);
      batch = [];
    }
    await take(batch);
    if (signatureOf(await handle.stat({ bigint: true })) === before) return before;
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    await handle.close();
  }
  throw new DriverError('unavailable', `manifest ${path} was written to while it was read; it is read again`);
}
