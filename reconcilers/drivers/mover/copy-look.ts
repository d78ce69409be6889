import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DriverError } from '../../ports/errors.ts';
import type { MoveSeen, TransferSeen } from '../../ports/mover.ts';
import { lookAtProcess, type ProcessLook } from '../process/identity.ts';
import {
  endTransfer,
  GONE,
  readEnd,
  readResults,
  readTicket,
  readWorker,
  type Ticket,
  type TransferEnd,
} from './copy-folder.ts';

/** One transfer as it stands. */
export interface TransferLook {
  readonly seen: TransferSeen;
  readonly ended: boolean;
}

/**
 * What has become of one transfer, ending it when nobody works on it any more.
 *
 * @param mayEnd  false leaves the folder as it is and answers the same
 * @returns undefined when there is no such transfer
 * @throws DriverError `unavailable` when it cannot be told whether its worker lives
 */
export async function lookAtTransfer(folder: string, mayEnd: boolean): Promise<TransferLook | undefined> {
  const ticket = await readTicket(folder);
  if (!ticket) return undefined;
  const systemId = ticket.order.name;

  const end = (await readEnd(folder)) ?? (await endOfTheDead(folder, ticket, mayEnd));
  const results = await readResults(folder, end?.resultsBytes ?? Infinity);
  const files = new Map<number, MoveSeen>();
  // The worker goes through the files in order: the first without a result is the one it copies.
  let next: 'running' | 'queued' = (await readWorker(folder)) === undefined ? 'queued' : 'running';
  for (const { index, to } of ticket.order.files) {
    const result = results.files.get(index);
    if (result) files.set(index, result);
    else if (end) files.set(index, withoutResult(end));
    else if (next === 'running') {
      files.set(index, { state: 'running', movedBytes: await sizeOf(join(ticket.to.folder, to)) });
      next = 'queued';
    } else files.set(index, { state: 'queued' });
  }
  // With a result for each file nothing is left to do but to say so.
  const through = ticket.order.files.every(({ index }) => results.files.has(index));
  return { seen: { systemId, files }, ended: end !== undefined || through };
}

type WorkerLife = 'lives' | 'starting' | 'dead' | { readonly unknown: string };

/** Whether the transfer's worker is at work, still to come, gone for good, or not to be seen from here. */
async function workerLife(folder: string, ticket: Ticket): Promise<WorkerLife> {
  // The creator first: it may name the worker and end between the two looks.
  const creator = ticket.creator === null ? undefined : await lookAtProcess(ticket.creator);
  const worker = await readWorker(folder);
  if (worker === GONE) return 'dead';
  if (worker !== undefined) return lifeOf(await lookAtProcess(worker), 'lives');
  return creator === undefined ? 'dead' : lifeOf(creator, 'starting');
}

function lifeOf(look: ProcessLook, life: 'lives' | 'starting'): WorkerLife {
  if (look.is === 'unknown') return { unknown: look.why };
  return look.is === 'alive' ? life : 'dead';
}

async function endOfTheDead(
  folder: string,
  ticket: Ticket,
  mayEnd: boolean,
): Promise<TransferEnd | undefined> {
  const life = await workerLife(folder, ticket);
  if (typeof life === 'object') {
    // The worker may have come to its own end since, wherever it is.
    const end = await readEnd(folder);
    if (end) return end;
    throw new DriverError('unavailable', `transfer ${ticket.order.name}: its worker: ${life.unknown}`);
  }
  if (life !== 'dead') return undefined;
  // The worker may have come to its own end since.
  if (mayEnd) return endTransfer(folder, 'interrupted');
  return (await readEnd(folder)) ?? { why: 'interrupted', resultsBytes: Infinity };
}

function withoutResult({ why }: TransferEnd): MoveSeen {
  const reason = why === 'cancelled' ? 'the transfer was cancelled' : 'the worker ended before this file';
  return { state: 'failed', cause: 'interrupted', reason };
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    return 0;
  }
}
