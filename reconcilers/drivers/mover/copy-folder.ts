/**
 * What a transfer leaves on disk, in `<spool>/moves/<name>/`:
 *
 *   ticket.json     what is to be copied, and who asked; there from the first moment
 *   worker          the identity of the process that copies
 *   results.ndjson  one line a file, flushed, as the worker gets to its end
 *   end.json        made by whoever is first: the worker when it is through, or
 *                   whoever finds it dead, or cancels
 *
 * The end says how many bytes of results count. What a worker that was given up
 * writes later is past them, so that an answer once given never changes.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MoveSeen, TransferOrder } from '../../ports/mover.ts';
import type { ProcessIdentity } from '../process/identity.ts';
import { createFile } from '../store/durable.ts';
import { saysAbsent } from '../store/faults.ts';
import type { Root } from '../store/root.ts';

export const TICKET = 'ticket.json';
export const WORKER = 'worker';
export const RESULTS = 'results.ndjson';
export const END = 'end.json';
export const LOG = 'worker.log';

/** Written as the worker's identity when it was gone before it could be asked for it. */
export const GONE = 'gone';

/** What is to be done, for the worker and for whoever looks. */
export interface Ticket {
  readonly order: TransferOrder;
  readonly from: Root;
  readonly to: Root;
  /** The process that starts the worker. */
  readonly creator: ProcessIdentity | null;
}

/** Why no more results will count. */
export interface TransferEnd {
  readonly why: 'finished' | 'interrupted' | 'cancelled';
  readonly resultsBytes: number;
}

/** The whole lines of a transfer's results, and how many bytes they take. */
export interface Results {
  readonly bytes: number;
  readonly files: ReadonlyMap<number, MoveSeen>;
}

/** The folder of all transfers of a spool. */
export function movesFolder(spool: string): string {
  return join(spool, 'moves');
}

/** @returns undefined when there is no such transfer */
export async function readTicket(folder: string): Promise<Ticket | undefined> {
  const text = await textOf(join(folder, TICKET));
  if (text === undefined) return undefined;
  const ticket: Ticket = JSON.parse(text);
  return ticket;
}

/** @returns undefined while the worker has none */
export async function readWorker(folder: string): Promise<ProcessIdentity | undefined> {
  return (await textOf(join(folder, WORKER)))?.trim();
}

/** @returns undefined while results may be added */
export async function readEnd(folder: string): Promise<TransferEnd | undefined> {
  const text = await textOf(join(folder, END));
  if (text === undefined) return undefined;
  const end: TransferEnd = JSON.parse(text);
  return end;
}

/**
 * End a transfer with the results it has, unless it is ended already.
 *
 * @returns how it ended, by whoever was first
 */
export async function endTransfer(folder: string, why: TransferEnd['why']): Promise<TransferEnd> {
  const end: TransferEnd = { why, resultsBytes: (await readResults(folder, Infinity)).bytes };
  if (await createFile(join(folder, END), `${JSON.stringify(end)}\n`)) return end;
  return (await readEnd(folder)) ?? end;
}

/**
 * Read the results among the first so many bytes.
 *
 * A line without its end is one that a killed worker was writing: it does not count.
 */
export async function readResults(folder: string, atMostBytes: number): Promise<Results> {
  const all = await bytesOf(join(folder, RESULTS));
  const within = all.subarray(0, Math.min(all.length, atMostBytes));
  const whole = within.subarray(0, within.lastIndexOf('\n') + 1);
  const files = new Map<number, MoveSeen>();
  for (const line of whole.toString('utf8').split('\n')) {
    if (line === '') continue;
    const { index, seen }: { readonly index: number; readonly seen: MoveSeen } = JSON.parse(line);
    files.set(index, seen);
  }
  return { bytes: whole.length, files };
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (saysAbsent(error)) return undefined;
    throw error;
  }
}

async function bytesOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    if (saysAbsent(error)) return Buffer.alloc(0);
    throw error;
  }
}
