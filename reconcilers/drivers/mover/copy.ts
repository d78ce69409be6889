import { randomBytes } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { SubmissionName } from '../../../machines/model.ts';
import { DriverError } from '../../ports/errors.ts';
import type { Mover, TransferOrder, TransferSeen } from '../../ports/mover.ts';
import type { Seen } from '../../ports/seen.ts';
import type { Store } from '../../ports/store.ts';
import { moduleBeside, startDetached } from '../process/detach.ts';
import { processIdentity } from '../process/identity.ts';
import { algorithmOf, newSummer } from '../store/checksum.ts';
import { createFile, makeFolder, replaceFile, syncFolder } from '../store/durable.ts';
import { eachLimited } from '../store/each-limited.ts';
import { answer, saysAbsent, systemCode } from '../store/faults.ts';
import { checkRoot, pathInside, type Root } from '../store/root.ts';
import { cancelTransfer, settleTransfer } from './copy-cancel.ts';
import { endTransfer, GONE, LOG, movesFolder, TICKET, type Ticket, WORKER } from './copy-folder.ts';
import { lookAtTransfer } from './copy-look.ts';

/** What `copyMover` is told. */
export interface CopyMoverOptions {
  readonly from: Store;
  readonly to: Store;
  /** Absolute folder of the site's spool, which must exist. */
  readonly spool: string;
  /** Characters a transfer's name may have; 128 when not given. */
  readonly nameLength?: number;
  /** For a dry run: answers as always, but ends no dead transfer and refuses the rest. */
  readonly readOnly?: boolean;
}

/** The mover's own view of its options. */
interface Place {
  readonly what: string;
  readonly spool: Root;
  readonly from: Root;
  readonly to: Root;
  readonly nameLength: number;
}

const CALL_TIMEOUT_MS = 180_000;
const LOOKS_AT_A_TIME = 8;
/** What a file system takes; a name of another driver may be longer than those of this one. */
const LONGEST_NAME = 255;
const NAME = /^[A-Za-z][A-Za-z0-9_.-]*$/;

/** What the names of folders on their way out begin with. */
const LEAVING = '.gone-';

/** What the names of folders begin with that are being prepared for a transfer. */
const preparedFor = (name: SubmissionName) => `.new-${name}.`;

/**
 * A mover between two folders that this machine sees, by a worker process per transfer.
 *
 * An absent name is final: a transfer exists from the one rename that `submit`
 * does itself, and a call that has gone on for longer than its limit does it no more.
 *
 * @throws DriverError `rejected` when one of the stores has no folder here
 */
export function copyMover(options: CopyMoverOptions): Mover {
  const { from, to } = options;
  const what = `mover copy from ${from.name} to ${to.name}`;
  const place: Place = {
    what,
    spool: { what, folder: options.spool },
    from: rootOf(from, what),
    to: rootOf(to, what),
    nameLength: options.nameLength ?? 128,
  };
  const mayChange = !options.readOnly;
  return {
    driver: 'copy',
    from: from.name,
    to: to.name,
    nameLength: place.nameLength,
    callTimeoutMs: CALL_TIMEOUT_MS,
    absentIsFinal: true,
    pollMs: 500,
    submit: (order, signal) => change(signal, (limited) => submitTransfer(place, order, limited)),
    observe: (names, askedAt, signal) =>
      answer(what, signal, async () => {
        await checkRoot(place.spool);
        return { askedAt, complete: true, ...(await lookAtAll(place, names, mayChange, signal)) };
      }),
    // Repeatable: an end never changes.
    cancel: (names, signal) =>
      change(signal, (limited) =>
        eachLimited(names, LOOKS_AT_A_TIME, limited, (name) => cancelTransfer(folderOf(place, name))),
      ),
    settle: (names, signal) =>
      change(signal, (limited) =>
        eachLimited(names, LOOKS_AT_A_TIME, limited, (name) => settleTransfer(folderOf(place, name))),
      ),
    // Repeatable: what is gone is left.
    forget: (names, signal) => change(signal, (limited) => forgetAll(place, names, limited)),
  };

  function change<T>(signal: AbortSignal, call: (limited: AbortSignal) => Promise<T>): Promise<T> {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]);
    return answer(what, limited, async () => {
      if (!mayChange) throw new DriverError('forbidden', `${what}: opened for looking only`);
      await checkRoot(place.spool);
      return call(limited);
    });
  }
}

function rootOf(store: Store, what: string): Root {
  const inside = store.localPath('x');
  if (inside !== undefined) return { what: `store ${store.name}`, folder: dirname(inside) };
  throw new DriverError(
    'rejected',
    `${what}: store ${store.name} (${store.driver}) is no folder of this machine; choose another mover`,
  );
}

async function submitTransfer(place: Place, order: TransferOrder, signal: AbortSignal): Promise<string> {
  const folder = folderOf(place, order.name);
  checkOrder(place, order);
  const creator = await processIdentity(process.pid);
  if (creator === undefined) {
    throw new DriverError(
      'unavailable',
      `${place.what}: this process does not see itself: is /proc mounted?`,
    );
  }
  const ticket: Ticket = { order, from: place.from, to: place.to, creator };
  const prepared = join(dirname(folder), `${preparedFor(order.name)}${randomBytes(9).toString('hex')}`);
  await makeFolder(place.spool.folder, prepared);
  try {
    await replaceFile(join(prepared, TICKET), JSON.stringify(ticket), 0o644);
    signal.throwIfAborted();
    await rename(prepared, folder);
  } catch (error) {
    await rm(prepared, { recursive: true, force: true });
    if (!['EEXIST', 'ENOTEMPTY', 'ENOTDIR'].includes(systemCode(error) ?? '')) throw error;
    throw new DriverError('conflict', `${place.what}: transfer ${order.name} exists already`, {
      cause: error,
    });
  }
  await syncFolder(dirname(folder));
  await startWorker(folder);
  return order.name;
}

async function startWorker(folder: string): Promise<void> {
  try {
    const worker = moduleBeside('./copy-worker', import.meta.url);
    const pid = await startDetached(worker, [folder], { cwd: folder, logFile: join(folder, LOG), env: {} });
    // The worker does the same; this one counts when it dies before it can.
    await createFile(join(folder, WORKER), `${(await processIdentity(pid)) ?? GONE}\n`);
  } catch (error) {
    // Whatever becomes of this: the transfer exists, and somebody will look at it.
    await endTransfer(folder, 'interrupted').catch(() => undefined);
    throw new DriverError('unavailable', `transfer ${basename(folder)}: cannot start its worker`, {
      cause: error,
    });
  }
}

async function lookAtAll(
  place: Place,
  names: readonly SubmissionName[],
  mayEnd: boolean,
  signal: AbortSignal,
): Promise<Pick<Seen<SubmissionName, TransferSeen>, 'found' | 'unknown'>> {
  const found = new Map<SubmissionName, TransferSeen>();
  const unknown = new Map<SubmissionName, string>();
  await eachLimited(names, LOOKS_AT_A_TIME, signal, async (name) => {
    try {
      const look = await lookAtTransfer(folderOf(place, name), mayEnd);
      if (look) found.set(name, look.seen);
    } catch (error) {
      unknown.set(name, error instanceof Error ? error.message : String(error));
    }
  });
  return { found, unknown };
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!saysAbsent(error)) throw error;
  }
}

async function forgetAll(place: Place, names: readonly SubmissionName[], signal: AbortSignal): Promise<void> {
  const moves = movesFolder(place.spool.folder);
  for (const name of names) {
    signal.throwIfAborted();
    const folder = folderOf(place, name);
    const look = await lookAtTransfer(folder, true);
    // Renamed first, so that no half of it is ever taken for a transfer.
    if (look?.ended) await renameIfThere(folder, join(moves, `${LEAVING}${randomBytes(9).toString('hex')}`));
  }
  const left = await readdir(moves).catch(() => []);
  const prepared = names.map(preparedFor);
  const abandoned = (entry: string) => prepared.some((prefix) => entry.startsWith(prefix));
  for (const name of left.filter((entry) => entry.startsWith(LEAVING) || abandoned(entry))) {
    // Again, where a worker is about to write its last word.
    await rm(join(moves, name), { recursive: true, force: true, maxRetries: 5 });
  }
}

function folderOf(place: Place, name: SubmissionName): string {
  if (NAME.test(name) && name.length <= LONGEST_NAME) return join(movesFolder(place.spool.folder), name);
  throw new DriverError('rejected', `${place.what}: ${JSON.stringify(name)} is not a name it can use`);
}

function checkOrder(place: Place, order: TransferOrder): void {
  if (order.name.length > place.nameLength) {
    throw new DriverError(
      'rejected',
      `${place.what}: the name ${order.name} is longer than ${place.nameLength}`,
    );
  }
  for (const file of order.files) {
    pathInside(place.from, file.from);
    pathInside(place.to, file.to);
    if (file.checksum !== null && !newSummer(algorithmOf(file.checksum))) {
      throw new DriverError('rejected', `${place.what}: checksum ${file.checksum} cannot be computed here`);
    }
  }
}
