import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { StorePath } from '../../../machines/model.ts';
import { DriverError } from '../../ports/errors.ts';
import type { MoveOrder, MoveSeen } from '../../ports/mover.ts';
import { adlerSummer, algorithmOf } from '../store/checksum.ts';
import { makeFolder, syncFolder } from '../store/durable.ts';
import { saysAbsent, systemCode } from '../store/faults.ts';
import { copyToNew, holds, type SummedBytes, sumFile } from '../store/file-bytes.ts';
import { brokenLink, checkRoot, pathForWriting, pathInside, type Root } from '../store/root.ts';

type Failed = Extract<MoveSeen, { state: 'failed' }>;

/** What the operating system's codes mean for one file; all others: other. */
const CAUSES: Readonly<Record<string, Failed['cause']>> = {
  EACCES: 'forbidden',
  EPERM: 'forbidden',
  EROFS: 'forbidden',
  ENOSPC: 'space',
  EDQUOT: 'space',
};

/** The two ends of a transfer. */
export interface Ends {
  readonly from: Root;
  readonly to: Root;
  /** What the target holds as long as it is the one it was. */
  readonly mark: StorePath | undefined;
}

/**
 * Copy one file to a new name, flush it, and read the copy back.
 *
 * Never throws. What is under the target's name after a failure stays there.
 *
 * @returns `moved` or `failed`
 */
export async function copyFile(ends: Ends, order: MoveOrder, signal: AbortSignal): Promise<MoveSeen> {
  const { from, to } = ends;
  try {
    const away = await whatIsAway(ends);
    if (away !== undefined) return failed('away', away);
    const source = pathInside(from, order.from);
    const trouble = await troubleWith(from, source, order);
    if (trouble) return trouble;

    const target = await pathForWriting(to, order.to);
    await makeFolder(to.folder, dirname(target));
    const copied = await copyToNew(source, target, signal);
    await syncFolder(dirname(target));
    return await verdictOn(target, copied, order, signal);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (systemCode(error) === 'EEXIST') return failed('other', `${order.to} is there already`);
    return failed(CAUSES[systemCode(error) ?? ''] ?? 'other', reason);
  }
}

/** Why one of the ends is not there to be read or written. */
async function whatIsAway({ from, to, mark }: Ends): Promise<string | undefined> {
  try {
    await Promise.all([checkRoot(from), checkRoot(to)]);
  } catch (error) {
    if (error instanceof DriverError) return error.message;
    throw error;
  }
  if (mark === undefined || (await isThere(join(to.folder, mark)))) return undefined;
  return `${to.what}: ${mark} is not there; is another disk mounted at ${to.folder}, or none?`;
}

async function isThere(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (saysAbsent(error)) return false;
    throw error;
  }
}

async function troubleWith(from: Root, source: string, order: MoveOrder): Promise<Failed | undefined> {
  try {
    const found = await stat(source);
    if (!found.isFile())
      return failed('other', `${order.from} is not a file at the source but a folder or device`);
    const { size } = found;
    if (order.sizeBytes === null || order.sizeBytes === size) return undefined;
    return failed('corrupt', `${order.from} has ${size} bytes at the source, not ${order.sizeBytes}`);
  } catch (error) {
    if (!saysAbsent(error)) throw error;
    const broken = await brokenLink(from, source);
    if (broken !== undefined) return failed('other', broken);
    return failed('absent', `${order.from} is not at the source`);
  }
}

async function verdictOn(
  target: string,
  copied: SummedBytes,
  order: MoveOrder,
  signal: AbortSignal,
): Promise<MoveSeen> {
  const back = await sumFile(target, adlerSummer(), signal);
  if (back.sizeBytes !== copied.sizeBytes || back.checksum !== copied.checksum) {
    return failed('corrupt', `${order.to} reads back as ${told(back)}, the source was ${told(copied)}`);
  }
  if (order.sizeBytes !== null && order.sizeBytes !== back.sizeBytes) {
    return failed('corrupt', `${order.to} is ${told(back)}, not of ${order.sizeBytes} bytes`);
  }
  if (order.checksum !== null && !(await agrees(target, back, order.checksum, signal))) {
    return failed('corrupt', `${order.to} is ${told(back)}, its checksum not ${order.checksum}`);
  }
  return { state: 'moved', ...back };
}

function agrees(target: string, back: SummedBytes, checksum: string, signal: AbortSignal): Promise<boolean> {
  // Read once more only for a sum of another kind.
  if (algorithmOf(checksum) === 'adler32') return Promise.resolve(back.checksum === checksum);
  return holds(target, { sizeBytes: back.sizeBytes, checksum }, signal);
}

function told({ sizeBytes, checksum }: SummedBytes): string {
  return `${sizeBytes} bytes, ${checksum}`;
}

function failed(cause: Failed['cause'], reason: string): Failed {
  return { state: 'failed', cause, reason };
}
