import { copyFile, open, stat, truncate } from 'node:fs/promises';
import { hasCode } from './errors.ts';

const LOG_LIMIT_BYTES = 10_000_000;
const TAIL_BYTES = 4_000;

/** The size of a log in bytes, 0 where there is none. */
export async function logSize(log: string): Promise<number> {
  try {
    return (await stat(log)).size;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 0;
    throw error;
  }
}

/**
 * Keep a log from growing for ever: past 10 MB it becomes `….old` and starts again.
 *
 * It is emptied, not renamed, because a running server holds it open, for appending.
 */
export async function trimLog(log: string): Promise<void> {
  if ((await logSize(log)) <= LOG_LIMIT_BYTES) return;
  await copyFile(log, `${log}.old`);
  await truncate(log, 0);
}

/**
 * The end of a log, for an error's message.
 *
 * @param from  the byte where what matters begins
 */
export async function logTail(log: string, from: number): Promise<string> {
  const size = await logSize(log);
  if (size === 0) return '';
  const start = Math.max(Math.min(from, size), size - TAIL_BYTES);
  const file = await open(log, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    return buffer.toString('utf8', 0, bytesRead).trim().split('\n').slice(-15).join('\n');
  } finally {
    await file.close();
  }
}
