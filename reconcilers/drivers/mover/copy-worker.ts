/**
 * The process that copies the files of one transfer: `node copy-worker.js FOLDER`.
 *
 * It outlives the reconciler that started it, and tells what it did by the files
 * of its folder alone (see copy-folder.ts).
 */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { processIdentity } from '../process/identity.ts';
import { createFile } from '../store/durable.ts';
import { copyFile } from './copy-file.ts';
import { endTransfer, RESULTS, readEnd, readTicket, WORKER } from './copy-folder.ts';
import { begun, ended, tell } from './copy-log.ts';

const folder = process.argv[2];
if (!folder) throw new Error('usage: copy-worker FOLDER');
await copyAll(folder);

async function copyAll(folder: string): Promise<void> {
  // Before the first look at the end: whoever saw no worker here has ended the transfer by then.
  const self = await processIdentity(process.pid);
  if (!self) throw new Error('this process does not see itself: is /proc mounted?');
  await createFile(join(folder, WORKER), `${self}\n`);
  const ticket = await readTicket(folder);
  if (!ticket) throw new Error(`${folder} holds no ticket`);

  // Nobody gives up a copy by a signal: cancelling kills this process.
  const { signal } = new AbortController();
  const results = await open(join(folder, RESULTS), 'a');
  try {
    for (const order of ticket.order.files) {
      if (await readEnd(folder)) return;
      await tell(order, begun(ticket, order));
      const seen = await copyFile({ ...ticket, mark: ticket.order.mark }, order, signal);
      await tell(order, ended(seen));
      await results.appendFile(`${JSON.stringify({ index: order.index, seen })}\n`);
      await results.datasync();
    }
  } finally {
    await results.close();
  }
  await endTransfer(folder, 'finished');
}
