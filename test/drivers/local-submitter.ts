/**
 * A process that submits jobs until it is killed or done, for tests:
 * `local-submitter <folder> <slots> <order>…`, orders as JSON; prints each name once it is submitted.
 */
import { localBatch } from '../../reconcilers/drivers/batch/local/local-batch.ts';
import type { SubmissionOrder } from '../../reconcilers/ports/batch-system.ts';

const [folder = '', slots, ...orders] = process.argv.slice(2);
const batch = localBatch({ folder, slots: Number(slots), graceMs: 500 });
for (const text of orders) {
  // The test wrote it, from an order.
  console.log(await batch.submit(JSON.parse(text) as SubmissionOrder, new AbortController().signal));
}
