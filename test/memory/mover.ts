import type { SubmissionName } from '../../machines/model.ts';
import { algorithmOf, newSummer } from '../../reconcilers/drivers/store/checksum.ts';
import { DriverError, type DriverErrorCode } from '../../reconcilers/ports/errors.ts';
import type { MoveOrder, Mover, MoveSeen, TransferOrder } from '../../reconcilers/ports/mover.ts';
import { described, type MemoryStore } from './store.ts';

export interface MemoryMoverOptions {
  readonly from: MemoryStore;
  readonly to: MemoryStore;
  /** `atOnce`: files are there when `submit` returns; `whenTold`: when `finish` is called. */
  readonly finishes: 'atOnce' | 'whenTold';
}

/** A mover in memory, with its switches. */
export interface MemoryMover {
  readonly mover: Mover;
  /** Every order it ever took, by name, forgotten ones included. */
  readonly orders: ReadonlyMap<SubmissionName, TransferOrder>;
  /** Move the files of a transfer now. */
  finish(name: SubmissionName): void;
  /** Every file of the next transfers to finish fails so; null: no more. */
  failFiles(cause: Extract<MoveSeen, { state: 'failed' }>['cause'] | null): void;
  /** Change one byte of every file that is copied from now on, unseen by the mover. */
  damageCopies(): void;
  /** Every `submit` answers so, and creates nothing; null: no more. */
  refuseSubmits(code: DriverErrorCode | null): void;
  /** Every `submit` creates its transfer, and the answer is lost. */
  loseSubmitAnswers(): void;
  goDown(): void;
  comeBack(): void;
  /** Only the first half of what is asked for is answered, without the answer's end. */
  cutAnswersInHalf(): void;
}

interface Transfer {
  readonly order: TransferOrder;
  readonly files: Map<number, MoveSeen>;
}

const NAME_LENGTH = 128;

/** The mover every other driver is compared with. */
export function memoryMover({ from, to, finishes }: MemoryMoverOptions): MemoryMover {
  const transfers = new Map<SubmissionName, Transfer>();
  const orders = new Map<SubmissionName, TransferOrder>();
  const calm = { down: false, half: false, damage: false, loseAnswers: false };
  const trouble: Trouble = { ...calm, refuse: null, fail: null };

  const ask = async <T>(signal: AbortSignal, call: () => T): Promise<T> => {
    if (signal.aborted) throw new DriverError('unavailable', 'mover memory: no answer in time');
    if (trouble.down) throw new DriverError('unavailable', 'mover memory: it is down');
    return call();
  };
  const finish = (name: SubmissionName) => {
    const transfer = transfers.get(name);
    for (const file of transfer?.order.files ?? []) {
      if (isOver(transfer?.files.get(file.index))) continue;
      const seen: MoveSeen = trouble.fail
        ? { state: 'failed', cause: trouble.fail, reason: 'told to fail' }
        : move(from, to, file, trouble.damage);
      transfer?.files.set(file.index, seen);
    }
  };
  const submit = (order: TransferOrder) => {
    checkName(order.name);
    if (trouble.refuse)
      throw new DriverError(trouble.refuse, `mover memory: told to answer ${trouble.refuse}`);
    if (transfers.has(order.name)) throw new DriverError('conflict', `transfer ${order.name} exists already`);
    transfers.set(order.name, {
      order,
      files: new Map(order.files.map(({ index }): [number, MoveSeen] => [index, { state: 'queued' }])),
    });
    orders.set(order.name, order);
    if (finishes === 'atOnce') finish(order.name);
    if (trouble.loseAnswers) throw new DriverError('unavailable', 'mover memory: the answer was lost');
    return order.name;
  };
  const cancel = (name: SubmissionName) => {
    const files = transfers.get(name)?.files ?? new Map<number, MoveSeen>();
    for (const [index, seen] of files) {
      if (!isOver(seen)) files.set(index, { state: 'failed', cause: 'interrupted', reason: 'cancelled' });
    }
  };

  const mover: Mover = {
    driver: 'memory',
    from: from.store.name,
    to: to.store.name,
    nameLength: NAME_LENGTH,
    callTimeoutMs: 1_000,
    absentIsFinal: true,
    pollMs: 10,
    submit: (order, signal) => ask(signal, () => submit(order)),
    observe: (names, askedAt, signal) =>
      ask(signal, () => {
        const told = trouble.half ? names.slice(0, Math.floor(names.length / 2)) : names;
        const found = told.flatMap((name) => {
          const transfer = transfers.get(name);
          return transfer ? [[name, { systemId: name, files: new Map(transfer.files) }] as const] : [];
        });
        return { askedAt, complete: !trouble.half, found: new Map(found), unknown: new Map() };
      }),
    cancel: (names, signal) => ask(signal, () => names.forEach(cancel)),
    // It sees all its transfers: there is nothing to take a person's word for.
    settle: (_names, signal) => ask(signal, () => {}),
    forget: (names, signal) =>
      ask(signal, () => {
        for (const name of names) {
          const files = transfers.get(name)?.files.values() ?? [];
          if ([...files].every(isOver)) transfers.delete(name);
        }
      }),
  };

  return {
    mover,
    orders,
    finish,
    failFiles: (cause) => void Object.assign(trouble, { fail: cause }),
    damageCopies: () => void Object.assign(trouble, { damage: true }),
    refuseSubmits: (code) => void Object.assign(trouble, { refuse: code }),
    loseSubmitAnswers: () => void Object.assign(trouble, { loseAnswers: true }),
    goDown: () => void Object.assign(trouble, { down: true }),
    comeBack: () => void Object.assign(trouble, calm),
    cutAnswersInHalf: () => void Object.assign(trouble, { half: true }),
  };
}

interface Trouble {
  readonly down: boolean;
  readonly half: boolean;
  readonly damage: boolean;
  readonly loseAnswers: boolean;
  readonly refuse: DriverErrorCode | null;
  readonly fail: MoveFailure | null;
}

type MoveFailure = Extract<MoveSeen, { state: 'failed' }>['cause'];

function move(from: MemoryStore, to: MemoryStore, order: MoveOrder, damage: boolean): MoveSeen {
  const source = from.contents.get(order.from);
  if (!source) return { state: 'failed', cause: 'absent', reason: `${order.from} is not at the source` };
  if (to.contents.has(order.to)) return { state: 'failed', cause: 'other', reason: `${order.to} is there` };

  const bytes = Buffer.from(source);
  const last = bytes.at(-1);
  if (damage && last !== undefined) bytes[bytes.length - 1] = last ^ 1;
  to.contents.set(order.to, bytes);
  if ((order.sizeBytes ?? bytes.length) !== bytes.length || !agrees(source, order.checksum)) {
    return { state: 'failed', cause: 'corrupt', reason: `${order.from} is not as it should be` };
  }
  return { state: 'moved', ...described(source) };
}

function agrees(bytes: Buffer, checksum: string | null): boolean {
  if (checksum === null) return true;
  const summer = newSummer(algorithmOf(checksum));
  summer?.update(bytes);
  return summer?.checksum() === checksum;
}

function isOver(seen: MoveSeen | undefined): boolean {
  return seen?.state === 'moved' || seen?.state === 'failed';
}

function checkName(name: SubmissionName): void {
  if (/^[A-Za-z][A-Za-z0-9_.-]*$/.test(name) && name.length <= NAME_LENGTH) return;
  throw new DriverError('rejected', `mover memory: ${name} is not a name it can use`);
}
