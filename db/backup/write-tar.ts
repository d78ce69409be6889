import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Pack, pack } from 'tar-stream';

/** One file of a tar, small enough to be held in memory. */
export interface TarEntry {
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * Write entries as a tar, one after another, as fast as the output takes them.
 *
 * @param mtimeMs  the time every entry is of
 * @returns when the output has taken everything; it is ended, not closed
 * @throws the first error of either side; neither goes on alone
 */
export async function writeTar(
  entries: AsyncIterable<TarEntry>,
  out: Writable,
  mtimeMs: number,
  signal: AbortSignal,
): Promise<void> {
  const tar = pack();
  const mtime = new Date(Math.floor(mtimeMs / 1000) * 1000);
  const fill = async () => {
    try {
      for await (const { name, bytes } of entries) await addEntry(tar, { name, bytes }, mtime);
      tar.finalize();
    } catch (error) {
      tar.destroy(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  };
  // Both must be over before the caller closes what they use; the entries' error is the cause of the other.
  const [filled, written] = await Promise.allSettled([fill(), pipeline(tar, out, { signal })]);
  if (written.status === 'rejected' && filled.status === 'fulfilled') throw written.reason;
  if (filled.status === 'rejected') throw firstOf(filled.reason, written);
}

/** An entry that could not be added because the output had failed tells nothing of its own. */
function firstOf(reason: unknown, written: PromiseSettledResult<void>): unknown {
  const isEcho = reason instanceof Error && /destroyed|Premature close/i.test(reason.message);
  return isEcho && written.status === 'rejected' ? written.reason : reason;
}

async function addEntry(tar: Pack, { name, bytes }: TarEntry, mtime: Date): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const header = { name, size: bytes.length, mtime };
    // Written as a stream: an entry given whole does not wait for the output, and all would pile up here.
    const entry = tar.entry(header, (error) => (error ? reject(error) : resolve()));
    entry.end(bytes);
  });
}
