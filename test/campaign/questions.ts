/** What a test asks of a world afterwards. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ran, World } from './world.ts';

export interface FileLine {
  readonly dataset: string;
  readonly name: string;
  readonly kind: string;
  readonly dataTier: string;
  readonly state: string;
  readonly reason: string | null;
  readonly eventCount: number | null;
}

/** Every input as it is on record. */
export async function inputsOf(world: World): Promise<readonly FileLine[]> {
  return (await world.json('get', 'files', '--kind', 'input')) as readonly FileLine[];
}

/** The states of outputs of one data tier, each once, in order. */
export async function statesOfTier(world: World, tier: string): Promise<readonly string[]> {
  const files = (await world.json('get', 'files')) as readonly FileLine[];
  return [...new Set(files.filter((file) => file.dataTier === tier).map((file) => file.state))].sort();
}

interface Sum {
  readonly files: number;
  readonly events: number;
}

export interface LedgerAnswer {
  readonly catalog: Sum;
  readonly read: Sum;
  readonly skipped: number;
  readonly failed: Sum;
  readonly pending: Sum;
  readonly difference: number;
  readonly balanced: boolean;
}

/** The ledger of a dataset, for people who check sums. */
export async function ledgerOf(world: World, dataset: string): Promise<LedgerAnswer> {
  return (await world.json('ledger', dataset)) as LedgerAnswer;
}

/** Fail unless every event of so many was read, and nothing else is left. */
export async function assertBalanced(world: World, dataset: string, events: number): Promise<void> {
  const { catalog, read, skipped, failed, pending, difference, balanced } = await ledgerOf(world, dataset);
  assert.deepEqual(
    { catalog: catalog.events, read: read.events, skipped, failed, pending, difference, balanced },
    {
      catalog: events,
      read: events,
      skipped: 0,
      failed: { files: 0, events: 0 },
      pending: { files: 0, events: 0 },
      difference: 0,
      balanced: true,
    },
  );
}

/** Fail with what was printed unless a run ended with this code. */
export function assertEnded(ran: Ran, code: number): void {
  assert.equal(ran.code, code, `exit code ${ran.code}\n${ran.out}\n${ran.err}`);
}

/** Ask until a claim is true, at most so long. */
export async function until(seconds: number, claim: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await claim())) {
    assert.ok(Date.now() < end, `not so within ${seconds} s: ${claim}`);
    await sleep(100);
  }
}

/** What is there below a folder of a world, without what ReReco keeps for itself; none where there is no folder. */
export async function namesBelow(world: World, folder: string): Promise<readonly string[]> {
  const entries = await readdir(world.at(folder), { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(world.at(folder), path.join(entry.parentPath, entry.name)))
    .filter((name) => !name.startsWith('.rereco'))
    .sort();
}

/** A hash of every file of a folder, by name. */
export function hashesOf(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map(({ name }) => [
      name,
      createHash('sha256')
        .update(readFileSync(path.join(folder, name)))
        .digest('hex'),
    ]),
  );
}
