import type { Knex } from 'knex';
import { FILE_STATES, type FileState, type OutputState, type Phase } from '../machines/model.ts';
import { FOREIGN_MARKER, UNSETTLING_PROBLEMS, WAITING_PROBLEMS } from '../machines/problems.ts';
import type { DatasetRow } from '../reconcilers/model/rows.ts';
import type { Totals } from '../reconcilers/model/totals.ts';
import { readGates, readTrouble } from './trouble.ts';
import { oneRow, rowsOf } from './typed.ts';
import { resumedMs, WAIVED } from './waived.ts';

/** What the whole dataset looks like, counted from the narrow tables. */
export async function readTotals(knex: Knex, dataset: DatasetRow): Promise<Totals> {
  const inputs = await countInputs(knex, dataset);
  const outputs = await countOutputs(knex, dataset);
  const work = await countWork(knex, dataset);
  const sum = (count: (row: InputCount) => number) => inputs.reduce((all, row) => all + count(row), 0);
  const inputsByState = byState(inputs);
  return {
    inputs: inputsByState,
    stopped: stopped(inputs),
    waived: sum(({ waived }) => waived),
    failing: sum(({ failing }) => failing),
    outdated: sum(({ outdated }) => outdated),
    retrying: retrying(inputs),
    blocked: await blocked(knex, dataset, outputs, work.unsettling),
    outputs: byKey(outputs),
    outputsStopped: stopped(outputs),
    openRuns: await openRuns(knex, dataset),
    unreleased: await unreleased(knex, dataset),
    liveJobs: work.jobs,
    liveTransfers: work.transfers,
    silent: { jobs: work.silentJobs, transfers: work.silentTransfers },
    unarchived: work.unarchived,
    unsettling: work.unsettling,
    foreign: work.foreign,
    arriving: { files: work.arriving, example: work.arrivingPath },
    gates: await readGates(knex, dataset),
    trouble: await readTrouble(knex, dataset, inputsByState.error + sum(({ suspects }) => suspects)),
  };
}

async function countInputs(knex: Knex, dataset: DatasetRow): Promise<readonly InputCount[]> {
  return rowsOf<InputCount>(
    knex,
    `SELECT state, phase, count(*) AS files, count(*) FILTER (WHERE ${WAIVED}) AS waived,
       count(*) FILTER (WHERE state = 'error' AND retry_at_ms IS NULL AND NOT ${WAIVED}) AS stopped,
       count(*) FILTER (WHERE state = 'error' AND retry_at_ms IS NOT NULL) AS retrying,
       count(*) FILTER (WHERE state = 'error' AND class NOT IN ('transient', 'site', 'outage') AND NOT ${WAIVED}
         AND since_ms > ${resumedMs('held.failures')}) AS failing,
       count(*) FILTER (WHERE state IN ('done', 'copied') AND revision <> :revision) AS outdated,
       count(*) FILTER (WHERE suspect AND signature IS NOT NULL AND state IN ('verified', 'running')) AS suspects
     FROM input_states s WHERE dataset_id = :id AND retired_ms IS NULL GROUP BY state, phase`,
    { id: dataset.id, revision: dataset.loaded.revision },
  );
}

async function countOutputs(knex: Knex, dataset: DatasetRow): Promise<readonly OutputCount[]> {
  return rowsOf<OutputCount>(
    knex,
    `SELECT output_key AS key, state, count(*) AS files,
       count(*) FILTER (WHERE class IS NOT NULL AND retry_at_ms IS NULL) AS stopped
     FROM output_states WHERE dataset_id = ? GROUP BY output_key, state`,
    [dataset.id],
  );
}

/** What is in motion or open, in one row. */
interface WorkCount {
  readonly jobs: number;
  readonly transfers: number;
  readonly silentJobs: number;
  readonly silentTransfers: number;
  readonly unarchived: number;
  readonly unsettling: number;
  readonly arriving: number;
  readonly arrivingPath: string | null;
  readonly foreign: Totals['foreign'];
}

async function countWork(knex: Knex, dataset: DatasetRow): Promise<WorkCount> {
  return oneRow<WorkCount>(
    knex,
    `SELECT live.*,
       (SELECT count(*) FROM live_attempts l WHERE dataset_id = :id AND phase IN ('transfer', 'export')
         AND NOT EXISTS (SELECT 1 FROM output_states o WHERE o.file_id = l.file_id AND o.class IS NOT NULL
           AND o.retry_at_ms IS NULL)) AS transfers,
       (SELECT count(*) FROM submissions WHERE dataset_id = :id AND state = 'closed' AND (archive_id IS NULL
         OR archive_id IN (SELECT id FROM archives WHERE dataset_id = :id AND state = 'intended'))) AS unarchived,
       (SELECT count(*) FROM problems WHERE dataset_id = :id AND cleared_ms IS NULL AND kind = ANY(:unsettling)) AS unsettling,
       (SELECT count(*) FROM arrivals WHERE dataset_id = :id AND settled_ms IS NULL) AS arriving,
       (SELECT min(path) FROM arrivals WHERE dataset_id = :id AND settled_ms IS NULL) AS "arrivingPath",
       (SELECT jsonb_build_object('message', message, 'sinceMs', since_ms) FROM problems
         WHERE dataset_id = :id AND cleared_ms IS NULL AND kind = :foreign) AS foreign
     FROM (SELECT count(*) FILTER (WHERE b.phase = 'process' AND j.status IN ('pending', 'running')) AS jobs,
         count(*) FILTER (WHERE b.phase = 'process' AND j.silent_told) AS "silentJobs",
         count(*) FILTER (WHERE b.phase <> 'process' AND j.silent_told) AS "silentTransfers"
       FROM submissions b JOIN submission_jobs j ON j.submission_id = b.id
       WHERE b.dataset_id = :id AND b.state <> 'closed') live`,
    { id: dataset.id, unsettling: [...UNSETTLING_PROBLEMS], foreign: FOREIGN_MARKER },
  );
}

/** Runs matter only to exports that wait for them; elsewhere the join is spared. */
async function openRuns(knex: Knex, dataset: DatasetRow): Promise<ReadonlySet<number | null>> {
  const waited = dataset.loaded.spec.outputs.some((output) => output.export?.when === 'runDone');
  if (!waited) return new Set();
  const rows = await rowsOf<{ readonly run: number | null }>(
    knex,
    `SELECT DISTINCT d.run FROM input_states s JOIN file_details d ON d.id = s.file_id
     WHERE s.dataset_id = ? AND s.retired_ms IS NULL AND s.state NOT IN ('done', 'copied') AND NOT ${WAIVED}`,
    [dataset.id],
  );
  return new Set(rows.map(({ run }) => run));
}

/** Replicas matter only where they may go. */
async function unreleased(knex: Knex, { id, loaded }: DatasetRow): Promise<number> {
  const { afterDone, store } = loaded.spec.input;
  if (afterDone === 'keep') return 0;
  const { files } = await oneRow<{ readonly files: number }>(
    knex,
    `SELECT count(*) AS files FROM input_states s JOIN file_details d ON d.id = s.file_id
     WHERE s.dataset_id = ? AND s.retired_ms IS NULL AND s.state IN ('done', 'copied') AND s.copy_path IS NOT NULL
       AND d.source_store <> ?`,
    [id, store],
  );
  return files;
}

/** Inputs that wait for their outputs' places; nothing is asked where nothing says that one does. */
async function blocked(
  knex: Knex,
  { id }: DatasetRow,
  outputs: readonly OutputCount[],
  unsettling: number,
): Promise<number> {
  const unpromoted = outputs.filter(({ state, stopped }) => state === 'accepted' && stopped > 0);
  if (unsettling + unpromoted.length === 0) return 0;
  const { files } = await oneRow<{ readonly files: number }>(
    knex,
    `SELECT
       (SELECT count(DISTINCT d.parent_id) FROM output_states s JOIN file_details d ON d.id = s.file_id
         WHERE s.dataset_id = :id AND s.state = 'accepted' AND s.class IS NOT NULL AND s.retry_at_ms IS NULL)
       + (SELECT count(DISTINCT p.file_id) FROM problems p JOIN input_states i ON i.file_id = p.file_id
         WHERE p.dataset_id = :id AND p.cleared_ms IS NULL AND p.kind = ANY(:kinds)
           AND i.state IN ('verified', 'running') AND i.retired_ms IS NULL) AS files`,
    { id, kinds: [...WAITING_PROBLEMS] },
  );
  return files;
}

interface InputCount {
  readonly state: FileState;
  /** The one that failed; null outside error. */
  readonly phase: Phase | null;
  readonly files: number;
  readonly stopped: number;
  readonly waived: number;
  readonly retrying: number;
  readonly failing: number;
  /** That failed in a job and are tried again. */
  readonly suspects: number;
  readonly outdated: number;
}

interface OutputCount {
  readonly key: string;
  readonly state: OutputState;
  readonly files: number;
  readonly stopped: number;
}

function byState(rows: readonly InputCount[]): Totals['inputs'] {
  const count = (state: FileState) =>
    rows.filter((row) => row.state === state).reduce((sum, row) => sum + row.files, 0);
  const entries = FILE_STATES.map((state) => [state, count(state)] as const);
  // Object.fromEntries forgets that every state is among its keys.
  return Object.fromEntries(entries) as Record<FileState, number>;
}

function byKey(rows: readonly OutputCount[]): Totals['outputs'] {
  const keys = [...new Set(rows.map((row) => row.key))];
  return Object.fromEntries(
    keys.map((key) => [
      key,
      Object.fromEntries(rows.filter((row) => row.key === key).map((row) => [row.state, row.files])),
    ]),
  );
}

function retrying(rows: readonly InputCount[]): Totals['retrying'] {
  const inError = rows.filter((row) => row.phase !== null && row.retrying > 0);
  return Object.fromEntries(inError.map((row) => [row.phase, row.retrying]));
}

function stopped(rows: readonly { readonly stopped: number }[]): number {
  return rows.reduce((total, row) => total + row.stopped, 0);
}
