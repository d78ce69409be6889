import { randomUUID } from 'node:crypto';
import { link, readFile, readlink, rename, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode, ServerError } from './errors.ts';
import { processStart } from './processes.ts';

interface Owner {
  readonly token: string;
  readonly pid: number;
  readonly start: string;
  /** The owner's pid namespace: in another one (a container) its id says nothing to us. */
  readonly space: string;
}

const POLL_MS = 50;
/** An empty lock is one whose owner was killed between making and filling it, once it is this old. */
const UNFILLED_MS = 10_000;
/** A lock from another container is given up by age alone; longer than any start takes. */
const FOREIGN_MS = 600_000;
const PATIENCE_MS = 600_000;

/**
 * Do some work while no other process of this machine does work under the same lock.
 *
 * The lock is a file that names its owner. An owner that died is noticed at once, by process id and
 * start time, so that a killed process leaves nothing behind that holds others up. Two waiters that
 * break the same dead lock at the same moment could let a third in; PostgreSQL's own interlock is then
 * still there.
 *
 * @throws ServerError when a living owner keeps it for ten minutes
 */
export async function withLock<Result>(
  path: string,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  const owner = await ourselves();
  const giveUp = Date.now() + PATIENCE_MS;
  while (!(await taken(path, owner))) {
    if (Date.now() > giveUp) throw new ServerError(await heldUp(path));
    await sleep(POLL_MS, undefined, { signal });
  }
  try {
    return await work();
  } finally {
    await release(path, owner);
  }
}

async function ourselves(): Promise<Owner> {
  const start = (await processStart(process.pid)) ?? '';
  return { token: randomUUID(), pid: process.pid, start, space: await pidSpace() };
}

async function pidSpace(): Promise<string> {
  return readlink('/proc/self/ns/pid').catch(() => '');
}

async function taken(path: string, owner: Owner): Promise<boolean> {
  try {
    await writeFile(path, JSON.stringify(owner), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text !== undefined && (await dead(path, text))) await breakLock(path, text);
  return false;
}

async function dead(path: string, text: string): Promise<boolean> {
  const ageMs = await stat(path).then(
    (at) => Date.now() - at.mtimeMs,
    () => 0,
  );
  const owner = parse(text);
  if (owner === undefined) return ageMs > UNFILLED_MS;
  if (owner.space !== (await pidSpace())) return ageMs > FOREIGN_MS;
  return (await processStart(owner.pid)) !== owner.start;
}

async function breakLock(path: string, judged: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  await rename(path, aside).catch(() => undefined);
  const got = await readFile(aside, 'utf8').catch(() => undefined);
  // Somebody broke it before us and a living process has it: give it back.
  if (got !== undefined && got !== judged) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

async function release(path: string, owner: Owner): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => '');
  if (parse(text)?.token === owner.token) await rm(path, { force: true });
}

async function heldUp(path: string): Promise<string> {
  const owner = parse(await readFile(path, 'utf8').catch(() => ''));
  return (
    `process ${owner?.pid ?? '(unknown)'} has been starting or stopping the database for ten minutes: ` +
    `see what it does, end it, or remove ${path}`
  );
}

function parse(text: string): Owner | undefined {
  try {
    return JSON.parse(text) as Owner; // only this file writes it
  } catch {
    return undefined;
  }
}
