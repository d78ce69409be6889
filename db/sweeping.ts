/** What a sweep of a site remembers, in PostgreSQL. */
import type { Knex } from 'knex';
import type { SubmissionName } from '../machines/model.ts';
import type { DatasetRow } from '../reconcilers/model/rows.ts';
import type { OverSubmission, SweepRecords, Swept, UndroppedArchive } from '../reconcilers/model/sweeping.ts';
import { drawNumbers, readClock } from './clock.ts';
import { writeProblem } from './commit.ts';
import type { Session } from './session.ts';
import { confirmSiteLease, releaseSiteLease, takeSiteLease } from './site-leases.ts';
import { rowsOf } from './typed.ts';

/** @param holder  who sweeps: command, host and process, for people and leases */
export function sweepRecords(knex: Knex, session: Session, holder: string): SweepRecords {
  return {
    unswept: (datasets) => unswept(knex, datasets),
    overAmong: (names) => overAmong(knex, names),
    knownAmong: (names) => knownAmong(knex, names),
    undropped: (datasets) => undropped(knex, datasets),
    lease: async (site) => takeSiteLease(knex, session, site, { holder, nowMs: await readClock(knex) }),
    renew: async (lease) => confirmSiteLease(knex, lease, await readClock(knex)),
    release: (lease) => releaseSiteLease(knex, lease),
    number: (lease) =>
      knex.transaction(async (tx) => {
        await confirmSiteLease(tx, lease, await readClock(tx));
        return drawNumbers(tx, 1);
      }),
    commit: (lease, swept) =>
      knex.transaction(async (tx) => {
        const atMs = await readClock(tx);
        await confirmSiteLease(tx, lease, atMs);
        await writeSwept(tx, lease.site, swept, atMs);
      }),
  };
}

const idsOf = (datasets: readonly DatasetRow[]) => datasets.map(({ id }) => id).filter((id) => id >= 0);

async function unswept(knex: Knex, datasets: readonly DatasetRow[]): ReturnType<SweepRecords['unswept']> {
  const rows = await rowsOf<{ readonly name: SubmissionName; readonly dataset: string }>(
    knex,
    `SELECT b.name, t.name AS dataset FROM submissions b JOIN datasets t ON t.id = b.dataset_id
     WHERE b.dataset_id = ANY(?) AND b.swept_ms IS NULL AND b.state = 'closed' ORDER BY b.id`,
    [idsOf(datasets)],
  );
  return new Map(rows.map(({ name, dataset }) => [name, dataset]));
}

interface NamedRow {
  readonly name: SubmissionName;
  readonly over: boolean;
  readonly id: number;
  readonly dataset: string;
  readonly swept: boolean;
}

async function overAmong(
  knex: Knex,
  names: readonly SubmissionName[],
): Promise<ReadonlyMap<SubmissionName, OverSubmission>> {
  const over = (await named(knex, names)).filter((row) => row.over);
  return new Map(
    over.map(({ name, id, dataset, swept }) => [name, { dataset: { id, name: dataset }, swept }]),
  );
}

async function knownAmong(
  knex: Knex,
  names: readonly SubmissionName[],
): Promise<ReadonlySet<SubmissionName>> {
  return new Set((await named(knex, names)).map((row) => row.name));
}

/** The submissions and archives of ours among some names. */
async function named(knex: Knex, names: readonly SubmissionName[]): Promise<readonly NamedRow[]> {
  if (names.length === 0) return [];
  const submissions = await rowsOf<NamedRow>(
    knex,
    `SELECT b.name, b.state = 'closed' AS over, t.id, t.name AS dataset, b.swept_ms IS NOT NULL AS swept
     FROM submissions b JOIN datasets t ON t.id = b.dataset_id WHERE b.name = ANY(?)`,
    [[...names]],
  );
  const numbers = names.flatMap((name) => /-(\d{1,15})$/.exec(name)?.[1] ?? []);
  const archives = await rowsOf<NamedRow>(
    knex,
    `SELECT 'r' || t.request_id || '-' || i.id || '-' || a.id AS name, a.state = 'stored' AS over, t.id,
       t.name AS dataset, false AS swept
     FROM archives a JOIN datasets t ON t.id = a.dataset_id, installation i WHERE a.id = ANY(?)`,
    [numbers.map(Number)],
  );
  const asked = new Set(names);
  return [...submissions, ...archives].filter(({ name }) => asked.has(name));
}

async function undropped(knex: Knex, datasets: readonly DatasetRow[]): ReturnType<SweepRecords['undropped']> {
  return rowsOf<UndroppedArchive>(
    knex,
    `SELECT a.id, 'r' || t.request_id || '-' || i.id || '-' || a.id AS name,
       ARRAY(SELECT b.name FROM archived_submissions s JOIN submissions b ON b.id = s.submission_id
         WHERE s.archive_id = a.id ORDER BY b.id) AS submissions
     FROM archives a JOIN datasets t ON t.id = a.dataset_id, installation i
     WHERE a.dataset_id = ANY(?) AND a.dropped_ms IS NULL AND a.state = 'stored' ORDER BY a.id`,
    [idsOf(datasets)],
  );
}

async function writeSwept(tx: Knex, site: string, swept: Swept, atMs: number): Promise<void> {
  if (swept.names.length > 0) {
    await tx.raw('UPDATE submissions SET swept_ms = ? WHERE name = ANY(?)', [atMs, [...swept.names]]);
  }
  if (swept.dropped.length > 0) {
    await tx.raw('UPDATE archives SET dropped_ms = ? WHERE id = ANY(?)', [atMs, [...swept.dropped]]);
  }
  for (const { datasetId, submission, message } of swept.late) {
    const problem = { class: 'site', message } as const;
    const change = { kind: `late output ${submission}`, fileId: null, problem };
    await writeProblem(tx, change, { datasetId, phase: 'archive', atMs });
  }
  if (swept.left === null) return;
  const { stores, found } = swept.left;
  await tx('left_in_stores')
    .where({ site })
    .whereIn('store', [...stores])
    .delete();
  const rows = found.map(({ sizeBytes, ...row }) => ({ ...row, site, size_bytes: sizeBytes, seen_ms: atMs }));
  if (rows.length > 0) await tx('left_in_stores').insert(rows);
}
