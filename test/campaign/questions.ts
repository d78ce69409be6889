/** What a test asks of a world afterwards. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ran, World } from './world.ts';

export interface InputLine {
  readonly name: string;
  readonly state: string;
  readonly eventCount: number | null;
}

/** Every input as it is on record, in the order of names. */
export function inputsOf(world: World): Promise<readonly InputLine[]> {
  return world.rows<InputLine>(
    `SELECT d.name, s.state, d.event_count::int AS "eventCount" FROM input_states s
     JOIN file_details d ON d.id = s.file_id ORDER BY d.name`,
  );
}

/** The states of files of one data tier, each once, in order; outputs that were lost do not count. */
export async function statesOfTier(world: World, tier: string): Promise<readonly string[]> {
  const rows = await world.rows<{ state: string }>(
    `SELECT DISTINCT COALESCE(i.state, o.state) AS state FROM file_details d
     LEFT JOIN input_states i ON i.file_id = d.id LEFT JOIN output_states o ON o.file_id = d.id
     WHERE d.data_tier = '${tier}' AND COALESCE(i.state, o.state) <> 'lost' ORDER BY 1`,
  );
  return rows.map((row) => row.state);
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

/** A hash of every file below a folder, by the last part of its name; what ReReco keeps for itself is left out. */
export function hashesOf(folder: string): ReadonlyMap<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !path.relative(folder, file).startsWith('.rereco'));
  return new Map(names.sort().map((file) => [path.basename(file), hashOf(file)]));
}

const hashOf = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
