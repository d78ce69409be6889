import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from './errors.ts';

/** What a postmaster says of itself in its data folder; it stays behind when the postmaster is killed. */
export interface PidFile {
  readonly pid: number;
  readonly port: number;
  /** The folder of its socket; empty as long as it has none. */
  readonly socketDir: string;
  readonly status: string;
  /** The lines that no other start of a server shares: id, folder, time. */
  readonly identity: string;
}

/**
 * Read a data folder's postmaster.pid.
 *
 * Source: src/include/utils/pidfile.h (id, data folder, start time, port, socket folder, listen
 * address, shared memory key, status, a line each).
 *
 * @returns `undefined` when there is none, or not yet a whole first line
 */
export async function readPidFile(data: string): Promise<PidFile | undefined> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return '';
    throw error;
  });
  return parsePidFile(text);
}

/** The same from the file's text. */
export function parsePidFile(text: string): PidFile | undefined {
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return {
    pid,
    port: Number(lines[3] ?? 0),
    socketDir: lines[4] ?? '',
    status: (lines[7] ?? '').trim(),
    identity: lines.slice(0, 3).join('\n'),
  };
}
