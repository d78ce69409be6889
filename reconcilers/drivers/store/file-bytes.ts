import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import type { Checksum } from '../../../machines/model.ts';
import { DriverError } from '../../ports/errors.ts';
import type { ExpectedBytes } from '../../ports/store.ts';
import { adlerSummer, algorithmOf, newSummer, type Summer } from './checksum.ts';

/** The size and checksum of bytes that were all read. */
export interface SummedBytes {
  readonly sizeBytes: number;
  readonly checksum: Checksum;
}

/** Big enough that the calls do not count, small enough for many at a time. */
const CHUNK_BYTES = 1 << 20;

/**
 * Read every byte of a file.
 *
 * @throws DriverError `unavailable` when it changed meanwhile, `conflict` when it
 *   is no regular file | the system's own errors
 */
export async function sumFile(file: string, summer: Summer, signal: AbortSignal): Promise<SummedBytes> {
  const handle = await open(file, 'r');
  try {
    const sizeBytes = await readAll(file, handle, signal, async (bytes) => summer.update(bytes));
    return { sizeBytes, checksum: summer.checksum() };
  } finally {
    await handle.close();
  }
}

/**
 * Copy a file under a name that is free, and flush it.
 *
 * @returns what the source held, summed on the way
 * @throws the system's EEXIST when the name is taken; after any other error the
 *   name may hold a part
 */
export async function copyToNew(source: string, target: string, signal: AbortSignal): Promise<SummedBytes> {
  const summer = adlerSummer();
  const from = await open(source, 'r');
  try {
    const to = await open(target, 'wx');
    try {
      const sizeBytes = await readAll(source, from, signal, async (bytes) => {
        summer.update(bytes);
        await writeWhole(to, bytes);
      });
      await to.sync();
      return { sizeBytes, checksum: summer.checksum() };
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
}

/** Copy a file to a temporary name, which is gone again after an error. */
export async function copyToTemporary(
  source: string,
  temporary: string,
  signal: AbortSignal,
): Promise<SummedBytes> {
  try {
    return await copyToNew(source, temporary, signal);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * Whether a file holds the bytes that are expected there.
 *
 * @throws DriverError `rejected` when nobody here can compute such a checksum
 */
export async function holds(file: string, expected: ExpectedBytes, signal: AbortSignal): Promise<boolean> {
  const found = await stat(file);
  if (!found.isFile() || found.size !== expected.sizeBytes) return false;
  if (expected.checksum === undefined) return true;

  const summer = newSummer(algorithmOf(expected.checksum));
  if (!summer) {
    throw new DriverError(
      'rejected',
      `checksum ${expected.checksum} is of a kind that cannot be computed here`,
    );
  }
  return (await sumFile(file, summer, signal)).checksum === expected.checksum;
}

async function readAll(
  file: string,
  handle: FileHandle,
  signal: AbortSignal,
  take: (bytes: Uint8Array) => Promise<void>,
): Promise<number> {
  const before = await handle.stat();
  if (!before.isFile()) throw new DriverError('conflict', `${file} is not a regular file`);

  const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, before.size + 1));
  let total = 0;
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, buffer.length);
    if (bytesRead === 0) break;
    await take(buffer.subarray(0, bytesRead));
    total += bytesRead;
  }
  const after = await handle.stat();
  if (total !== before.size || after.size !== total || after.mtimeMs !== before.mtimeMs) {
    throw new DriverError('unavailable', `${file} changed while it was read`);
  }
  return total;
}

async function writeWhole(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += (await handle.write(bytes, at, bytes.length - at)).bytesWritten;
  }
}
