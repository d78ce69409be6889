/** What the copy mover tells people of each file, where they look for what a job wrote. */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MoveOrder, MoveSeen } from '../../ports/mover.ts';
import type { Ticket } from './copy-folder.ts';

/** Add a line to a file's log. Never throws: a spool that is full stops no copy. */
export async function tell({ log }: MoveOrder, line: string): Promise<void> {
  if (log === undefined) return;
  await appendFile(log, `${new Date().toISOString()} ${line}\n`).catch(() => undefined);
}

/** The line of a copy that begins: from where to where, and what is expected. */
export function begun({ from, to }: Ticket, order: MoveOrder): string {
  const size = order.sizeBytes === null ? 'of unknown size' : `of ${order.sizeBytes} bytes`;
  const sum = order.checksum === null ? '' : `, ${order.checksum}`;
  const [source, target] = [join(from.folder, order.from), join(to.folder, order.to)];
  return `copies ${from.what} ${source} (${size}${sum}) to ${to.what} ${target}`;
}

/** The line of a copy that has ended. */
export function ended(seen: MoveSeen): string {
  switch (seen.state) {
    case 'moved':
      return `copied ${seen.sizeBytes} bytes, ${seen.checksum}; read back the same`;
    case 'failed':
      return `failed (${seen.cause}): ${seen.reason}`;
    case 'queued':
    case 'running':
      return seen.state;
  }
}
