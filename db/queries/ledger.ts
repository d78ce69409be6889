/** The event ledger of a dataset, summed in the database. */
import type { Knex } from 'knex';
import { WAIVED } from '../waived.ts';

/** Files and their events. */
export interface EventSum {
  readonly files: number;
  readonly events: number;
}

/** Every sum is over inputs that are not retired and whose event count is known, but where it says otherwise. */
export interface Ledger {
  /** What the catalog, or the count at arrival, says there is. */
  readonly catalog: EventSum;
  /** done, copied: events the accepted attempts read. */
  readonly read: EventSum;
  /** done, copied: events the accepted attempts skipped. */
  readonly skipped: number;
  readonly skippedBecause: readonly { readonly reason: string; readonly events: number }[];
  /** In error: with their whole event count. */
  readonly failed: EventSum;
  /** In error and waived by a person, with the events they had then; or done, and what they lack. */
  readonly waived: EventSum;
  readonly waivedBy: readonly WaivedBy[];
  readonly pending: EventSum;
  /** Event count unknown: how many files, how many of them done, and what those read and skipped. */
  readonly uncounted: EventSum & { readonly done: number; readonly failed: number; readonly waived: number };
  /** No longer in the definition: kept out of every other sum. */
  readonly retired: EventSum;
  /** Catalog less read, skipped, failed, waived and pending. */
  readonly difference: number;
  /** Nothing failed, nothing pending, no file with a difference. */
  readonly balanced: boolean;
  readonly differing: number;
  /** done, copied, whether or not their events are known: files whose jobs proved the bytes they read. */
  readonly inputs: {
    readonly verifiedByJob: number;
    /** Files read on trust, by why nothing proved them. */
    readonly unchecked: readonly { readonly reason: string; readonly files: number }[];
  };
}

/** What one person has waived for one reason. */
export interface WaivedBy extends EventSum {
  readonly by: string;
  readonly because: string;
}

const DONE = "s.state IN ('done', 'copied')";
const COUNTED = 's.retired_ms IS NULL AND d.event_count IS NOT NULL';
const READ = 'COALESCE(a.events_read, 0)';
const SKIPPED = 'COALESCE(a.events_skipped, 0)';
const INPUTS = `input_states s JOIN file_details d ON d.id = s.file_id
  LEFT JOIN attempts a ON a.id = s.accepted_attempt AND ${DONE} LEFT JOIN waivers w ON w.id = s.waiver_id`;
/** The entry is in force: of a file in error for the whole of it, of one that is done for what it lacks. */
const IN_FORCE = `((${WAIVED} AND w.kind = 'input') OR (${DONE} AND w.kind = 'difference'))`;
const WAIVED_EVENTS = `CASE WHEN ${IN_FORCE} THEN COALESCE(w.events, 0) ELSE 0 END`;
/** Waived, and nothing of it is left. */
const ALL_WAIVED = `(${WAIVED} AND w.events IS NOT DISTINCT FROM d.event_count)`;
const FAILED = `s.state = 'error' AND NOT ${ALL_WAIVED}`;
const DIFFERS = `${COUNTED} AND ${DONE} AND ${READ} + ${SKIPPED} + ${WAIVED_EVENTS} <> d.event_count`;

const sums = (name: string, of: string, where: string) =>
  `count(*) FILTER (WHERE ${where}) AS "${name}Files", COALESCE(sum(${of}) FILTER (WHERE ${where}), 0) AS "${name}Events"`;

/**
 * The ledger as it is on record: catalog = read + skipped + failed + waived + pending. Each file is in
 * one of these terms, but for what its waiver leaves, and what is missing is the difference.
 */
export async function readLedger(knex: Knex, datasetId: number): Promise<Ledger> {
  const unknown = 's.retired_ms IS NULL AND d.event_count IS NULL';
  const { rows } = await knex.raw(
    `SELECT ${sums('catalog', 'd.event_count', COUNTED)},
       ${sums('read', READ, `${COUNTED} AND ${DONE}`)},
       ${sums('skipped', SKIPPED, `${COUNTED} AND ${DONE}`)},
       ${sums('failed', `d.event_count - ${WAIVED_EVENTS}`, `${COUNTED} AND ${FAILED}`)},
       ${sums('waived', 'w.events', `${COUNTED} AND ${IN_FORCE}`)},
       ${sums('pending', 'd.event_count', `${COUNTED} AND NOT ${DONE} AND s.state <> 'error'`)},
       ${sums('uncounted', `${READ} + ${SKIPPED}`, unknown)},
       count(*) FILTER (WHERE ${unknown} AND ${DONE}) AS "uncountedDone",
       count(*) FILTER (WHERE ${unknown} AND ${FAILED}) AS "uncountedFailed",
       count(*) FILTER (WHERE ${unknown} AND ${ALL_WAIVED}) AS "uncountedWaived",
       ${sums('retired', 'd.event_count', 's.retired_ms IS NOT NULL')},
       count(*) FILTER (WHERE ${DIFFERS}) AS differing
     FROM ${INPUTS} WHERE s.dataset_id = ?`,
    [datasetId],
  );
  return ledgerOf(rows[0], {
    because: await readSkips(knex, datasetId),
    waivedBy: await readWaivedBy(knex, datasetId),
    inputs: await readProofs(knex, datasetId),
  });
}

interface Lists {
  readonly because: Ledger['skippedBecause'];
  readonly waivedBy: Ledger['waivedBy'];
  readonly inputs: Ledger['inputs'];
}

type Sums = Readonly<Record<string, number>>;

function ledgerOf(row: Sums, { because, waivedBy, inputs }: Lists): Ledger {
  const of = (name: string): EventSum => ({
    files: row[`${name}Files`] ?? 0,
    events: row[`${name}Events`] ?? 0,
  });
  const [catalog, read, failed] = [of('catalog'), of('read'), of('failed')];
  const [waived, pending] = [of('waived'), of('pending')];
  const skipped = of('skipped').events;
  const uncounted = {
    ...of('uncounted'),
    ...{ done: row.uncountedDone ?? 0, failed: row.uncountedFailed ?? 0, waived: row.uncountedWaived ?? 0 },
  };
  const differing = row.differing ?? 0;
  const unfinished = failed.files + pending.files + (uncounted.files - uncounted.done - uncounted.waived);
  const explained = because.reduce((sum, one) => sum + one.events, 0);
  const unexplained = { reason: 'no reason on record', events: skipped - explained };
  return {
    catalog,
    read,
    skipped,
    skippedBecause: unexplained.events === 0 ? because : [...because, unexplained],
    failed,
    waived,
    waivedBy,
    pending,
    uncounted,
    retired: of('retired'),
    difference: catalog.events - read.events - skipped - failed.events - waived.events - pending.events,
    balanced: unfinished === 0 && differing === 0,
    differing,
    inputs,
  };
}

const UNCHECKED = 'unchecked: ';

async function readProofs(knex: Knex, datasetId: number): Promise<Ledger['inputs']> {
  const { rows } = await knex.raw(
    `SELECT proof, count(*) AS files FROM (
       SELECT CASE WHEN a.input_checksum IS NULL THEN :unchecked || 'its job did not say'
         WHEN a.input_checksum LIKE :unchecked || '%' THEN a.input_checksum END AS proof
       FROM ${INPUTS} WHERE s.dataset_id = :datasetId AND s.retired_ms IS NULL AND ${DONE}) p
     GROUP BY proof ORDER BY count(*) DESC, proof LIMIT ${MOST_REASONS}`,
    { datasetId, unchecked: UNCHECKED },
  );
  const proofs: readonly { readonly proof: string | null; readonly files: number }[] = rows;
  return {
    verifiedByJob: proofs.find(({ proof }) => proof === null)?.files ?? 0,
    unchecked: proofs.flatMap(({ proof, files }) =>
      proof === null ? [] : [{ reason: proof.slice(UNCHECKED.length), files }],
    ),
  };
}

const MOST_REASONS = 1000;

async function readSkips(knex: Knex, datasetId: number): Promise<Ledger['skippedBecause']> {
  const { rows } = await knex.raw(
    `SELECT k.reason, sum(k.events) AS events
     FROM ${INPUTS},
       jsonb_to_recordset(CASE WHEN jsonb_typeof(a.skips) = 'array' THEN a.skips ELSE '[]' END)
         AS k(events bigint, reason text)
     WHERE s.dataset_id = ? AND ${COUNTED} AND k.events > 0
     GROUP BY k.reason ORDER BY sum(k.events) DESC, k.reason LIMIT ${MOST_REASONS}`,
    [datasetId],
  );
  return rows;
}

async function readWaivedBy(knex: Knex, datasetId: number): Promise<Ledger['waivedBy']> {
  const { rows } = await knex.raw(
    `SELECT w.signed_by AS by, w.because, count(*) AS files, COALESCE(sum(w.events), 0) AS events
     FROM ${INPUTS} WHERE s.dataset_id = ? AND s.retired_ms IS NULL AND ${IN_FORCE}
     GROUP BY w.signed_by, w.because ORDER BY min(w.id) LIMIT ${MOST_REASONS}`,
    [datasetId],
  );
  return rows;
}

/** A file behind a number of the ledger. */
export interface LedgerFile {
  readonly name: string;
  readonly state: string;
  readonly eventCount: number | null;
  readonly eventsRead: number | null;
  readonly eventsSkipped: number | null;
  readonly reason: string | null;
}

export type LedgerLine = 'differing' | 'failed' | 'waived' | 'pending' | 'retired';

const LINES: Readonly<Record<LedgerLine, string>> = {
  differing: DIFFERS,
  failed: `s.retired_ms IS NULL AND ${FAILED}`,
  waived: `s.retired_ms IS NULL AND ${IN_FORCE}`,
  pending: `s.retired_ms IS NULL AND NOT ${DONE} AND s.state <> 'error'`,
  retired: 's.retired_ms IS NOT NULL',
};

/** The files behind one line, in the order they were recorded. @param limit null: all */
export async function readLedgerFiles(
  knex: Knex,
  datasetId: number,
  line: LedgerLine,
  limit: number | null,
): Promise<readonly LedgerFile[]> {
  const { rows } = await knex.raw(
    `SELECT d.name, s.state, d.event_count AS "eventCount", a.events_read AS "eventsRead",
       a.events_skipped AS "eventsSkipped",
       CASE WHEN ${IN_FORCE} THEN 'by ' || w.signed_by || ': ' || w.because ELSE s.reason END AS reason
     FROM ${INPUTS} WHERE s.dataset_id = :datasetId AND ${LINES[line]}
     ORDER BY s.file_id LIMIT CAST(:limit AS bigint)`,
    { datasetId, limit },
  );
  return rows;
}
