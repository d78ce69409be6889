/** What a job writes, printed as it comes, until nothing more can come. */
import { open } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Knex } from 'knex';
import { findSubmission, type LoggedSubmission } from '../db/queries/logs.ts';
import type { SitePorts } from '../reconcilers/ports/ports.ts';
import { print } from './command.ts';
import type { Bytes } from './logs-of.ts';

const LOOK_EVERY_MS = 250;

/** How much of a file is held at once. */
const PIECE_BYTES = 64 * 1024;

/**
 * Print what is added to files of a folder, with a heading where it is another file's turn.
 *
 * @param isOver  whether nothing more is added
 * @returns how much of each was printed when it was over, or when `signal` ended it
 */
export async function followFiles(
  folder: string,
  names: readonly string[],
  isOver: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const printed = new Map<string, number>();
  let last = '';
  while (!signal.aborted && !(await isOver())) {
    for (const name of names) {
      const from = printed.get(name) ?? 0;
      const to = await printFrom(path.join(folder, name), from, () => {
        if (last !== name) print(`==> ${name} <==`);
        last = name;
      });
      if (to > from) printed.set(name, to);
    }
    await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return printed;
}

/** Print a file from a byte to its end. @returns where that is */
async function printFrom(file: string, from: number, announce: () => void): Promise<number> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (handle === undefined) return from;
  try {
    const piece = Buffer.alloc(PIECE_BYTES);
    for (let at = from; ; ) {
      const { bytesRead } = await handle.read(piece, 0, piece.length, at);
      if (bytesRead === 0) return at;
      if (at === from) announce();
      at += bytesRead;
      // Copied: the piece is read into again.
      await written(Buffer.from(piece.subarray(0, bytesRead)));
    }
  } finally {
    await handle.close();
  }
}

/** What is left of a file after its first bytes. */
export async function* after(bytes: Bytes, skipped: number): AsyncGenerator<Buffer> {
  let left = skipped;
  for await (const chunk of bytes) {
    const piece = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    if (left < piece.length) yield piece.subarray(left);
    left = Math.max(0, left - piece.length);
  }
}

function written(bytes: Buffer): Promise<void> {
  return new Promise((resolve) => process.stdout.write(bytes, () => resolve()));
}

/**
 * Whether a job has ended, by what is on record and what its system says now; a system that does
 * not answer leaves it open.
 */
export async function hasEnded(
  knex: Knex,
  { batch, movers }: Pick<SitePorts, 'batch' | 'movers'>,
  { name, endpoint }: LoggedSubmission,
  index: number,
  signal: AbortSignal,
): Promise<boolean> {
  const now = await findSubmission(knex, name);
  if (now === undefined || now.state === 'closed') return true;
  // Its system may not have been asked yet to make it.
  if (now.state === 'intended') return false;
  try {
    if (endpoint === null) {
      const { complete, found, unknown } = await batch.observe([name], 0, signal);
      const job = found.get(name)?.jobs.get(index);
      return job === undefined ? complete && !unknown.has(name) : job.state === 'ended';
    }
    const answer = await movers.get(endpoint)?.observe([name], 0, signal);
    if (answer === undefined) return false;
    const file = answer.found.get(name)?.files.get(index);
    return file === undefined
      ? answer.complete && !answer.unknown.has(name)
      : file.state === 'moved' || file.state === 'failed';
  } catch {
    return false;
  }
}
