/** Comparing an answer about a dataset's members with those known, in the database: it may hold millions. */
import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import { FILE_MACHINE_VERSION } from '../machines/file.ts';
import type { MembersSummary } from '../reconcilers/decide/membership.ts';
import type { DatasetRow } from '../reconcilers/decide/rows.ts';
import type { Member, MembersTaken } from '../reconcilers/ports/records.ts';

/** States in which a member's size and count may still be corrected by the catalog. */
const CORRECTABLE = "('pending', 'transferred', 'error')";

/** Compare an answer with what is known, and write it where it is believed; one transaction. */
export async function reconcileMembers(
  knex: Knex,
  dataset: DatasetRow,
  ask: () => AsyncIterable<readonly Member[]>,
  how: MembersTaken,
): Promise<MembersSummary & { readonly held: string | null }> {
  const same = how.repeatable ? await sameAnswer(knex, dataset, ask()) : undefined;
  return same ?? knex.transaction((tx) => takeAnswer(tx, dataset, ask(), how));
}

/** The summary of an answer that is the one taken last; it is read without a look at what is known. */
async function sameAnswer(knex: Knex, dataset: DatasetRow, answer: AsyncIterable<readonly Member[]>) {
  const { members_digest: last } = await knex('datasets').where({ id: dataset.id }).first('members_digest');
  if (last === null || dataset.heldReason !== null) return undefined;
  const digest = answerDigest();
  let answered = 0;
  for await (const members of answer) {
    digest.add(members);
    answered += members.length;
  }
  if (digest.of(dataset) !== last) return undefined;
  const unchanged = { added: 0, gone: 0, corrected: 0, contradicted: 0, twice: null, held: null };
  return { known: answered, answered, ...unchanged };
}

/** A hash of an answer, read bit by bit, together with the input it is the answer to. */
function answerDigest() {
  const hash = createHash('sha256');
  return {
    add(members: readonly Member[]): void {
      for (const member of members) hash.update(`${JSON.stringify(member)}\n`);
    },
    of: ({ loaded }: DatasetRow): string => hash.update(loaded.inputDigest).digest('hex'),
  };
}

/** Stage an answer, summarize it, and write it where it is believed. */
async function takeAnswer(
  tx: Knex,
  dataset: DatasetRow,
  answer: AsyncIterable<readonly Member[]>,
  { decide, onlyGrows, repeatable, now }: MembersTaken,
): Promise<MembersSummary & { readonly held: string | null }> {
  const digest = await stage(tx, dataset, answer);
  const summary = await summarize(tx, dataset);
  const verdict = decide(summary);
  const held = verdict === 'apply' ? null : verdict.hold;
  if (held === null) {
    await write(tx, dataset, now);
    if (!onlyGrows) await retire(tx, dataset, now);
    await writeProblems(tx, { id: dataset.id, now });
    await tx('datasets')
      .where({ id: dataset.id })
      .update({ members_input: dataset.loaded.inputDigest, members_digest: repeatable ? digest : null });
  }
  await tx.raw(
    `UPDATE datasets SET members_ms = CAST(:now AS bigint), held_reason = CAST(:held AS text),
       held_ms = CASE WHEN CAST(:held AS text) IS NULL THEN NULL ELSE COALESCE(held_ms, CAST(:now AS bigint)) END WHERE id = :id`,
    { now, held, id: dataset.id },
  );
  return { ...summary, held };
}

/** Which of these names are inputs of a dataset. */
export async function knownAmong(
  knex: Knex,
  dataset: DatasetRow,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await knex.raw(
    "SELECT name FROM file_details WHERE dataset_id = ? AND kind = 'input' AND name = ANY(?)",
    [dataset.id, [...names]],
  );
  return new Set(rows.map((row: { name: string }) => row.name));
}

/** @returns a hash of the answer */
async function stage(
  tx: Knex,
  dataset: DatasetRow,
  answer: AsyncIterable<readonly Member[]>,
): Promise<string> {
  const digest = answerDigest();
  await tx.raw(`CREATE TEMP TABLE answer (name text COLLATE "C", data_tier text, run bigint, size_bytes bigint,
    event_count bigint, checksum text, source_store text, source_path text) ON COMMIT DROP`);
  for await (const members of answer) {
    digest.add(members);
    await tx.raw(
      `INSERT INTO answer SELECT name, "dataTier", run, "sizeBytes", "eventCount", checksum, "sourceStore", "sourcePath"
       FROM jsonb_to_recordset(?::jsonb) AS v(name text, "dataTier" text, run bigint, "sizeBytes" bigint,
         "eventCount" bigint, checksum text, "sourceStore" text, "sourcePath" text)`,
      [JSON.stringify(members)],
    );
  }
  await tx.raw('ANALYZE answer');
  return digest.of(dataset);
}

const KNOWN = `file_details d JOIN input_states s ON s.file_id = d.id`;
/** What an answer does not know is no difference; what is not on record yet is one. */
const DIFFERS = `NOT ((a.size_bytes IS NULL OR a.size_bytes IS NOT DISTINCT FROM d.size_bytes)
    AND (a.event_count IS NULL OR a.event_count IS NOT DISTINCT FROM d.event_count)
    AND (a.checksum IS NULL OR a.checksum IS NOT DISTINCT FROM d.checksum))`;

async function summarize(tx: Knex, dataset: DatasetRow): Promise<MembersSummary> {
  const { rows } = await tx.raw(
    `SELECT
       (SELECT count(*) FROM input_states WHERE dataset_id = :id AND retired_ms IS NULL) AS known,
       (SELECT count(DISTINCT name) FROM answer) AS answered,
       (SELECT count(*) FROM (SELECT name FROM answer EXCEPT SELECT name FROM file_details
          WHERE dataset_id = :id AND kind = 'input') n) AS added,
       (SELECT count(*) FROM ${KNOWN} WHERE s.dataset_id = :id AND s.retired_ms IS NULL
          AND NOT EXISTS (SELECT 1 FROM answer a WHERE a.name = d.name)) AS gone,
       (SELECT count(*) FROM ${KNOWN} JOIN answer a ON a.name = d.name
          WHERE s.dataset_id = :id AND s.state IN ${CORRECTABLE} AND ${DIFFERS}) AS corrected,
       (SELECT count(*) FROM ${KNOWN} JOIN answer a ON a.name = d.name
          WHERE s.dataset_id = :id AND s.state NOT IN ${CORRECTABLE} AND ${DIFFERS}) AS contradicted,
       (SELECT min(name) FROM (SELECT name FROM answer GROUP BY name HAVING count(*) > 1) t) AS twice`,
    { id: dataset.id },
  );
  return rows[0];
}

async function write(tx: Knex, dataset: DatasetRow, nowMs: number): Promise<void> {
  const values = { id: dataset.id, now: nowMs, version: FILE_MACHINE_VERSION };
  await tx.raw(
    `WITH d AS (INSERT INTO file_details (dataset_id, kind, name, data_tier, run, size_bytes, event_count, checksum,
         source_store, source_path, created_ms)
       SELECT DISTINCT ON (name) CAST(:id AS bigint), 'input', name, COALESCE(data_tier, 'raw'), run, size_bytes, event_count, checksum,
         source_store, source_path, CAST(:now AS bigint) FROM answer ORDER BY name
       ON CONFLICT (dataset_id, name) WHERE kind = 'input' DO NOTHING RETURNING id)
     INSERT INTO input_states (file_id, dataset_id, state, since_ms, machine_version)
     SELECT id, CAST(:id AS bigint), 'pending', CAST(:now AS bigint), CAST(:version AS smallint) FROM d`,
    values,
  );
  await tx.raw(
    `UPDATE file_details d SET size_bytes = COALESCE(a.size_bytes, d.size_bytes),
       event_count = COALESCE(a.event_count, d.event_count), checksum = COALESCE(a.checksum, d.checksum)
     FROM input_states s, answer a WHERE s.file_id = d.id AND a.name = d.name AND s.dataset_id = :id
       AND s.state IN ${CORRECTABLE} AND ${DIFFERS}`,
    values,
  );
}

/** Retire members that the answer no longer names, and take back those it names again. */
async function retire(tx: Knex, dataset: DatasetRow, now: number): Promise<void> {
  await tx.raw(
    `UPDATE input_states s SET retired_ms = CASE WHEN EXISTS (SELECT 1 FROM answer a WHERE a.name = d.name) THEN NULL ELSE CAST(:now AS bigint) END
     FROM file_details d WHERE d.id = s.file_id AND s.dataset_id = :id
       AND (s.retired_ms IS NULL) <> EXISTS (SELECT 1 FROM answer a WHERE a.name = d.name)`,
    { id: dataset.id, now },
  );
}

/** Retired and contradicted files are told of, one open problem each, closed when it is over. */
async function writeProblems(tx: Knex, values: { readonly id: number; readonly now: number }): Promise<void> {
  await tx.raw(
    `INSERT INTO problems (dataset_id, file_id, phase, class, kind, message, since_ms)
     SELECT CAST(:id AS bigint), d.id, 'verify', 'data', 'catalog contradicts', 'the catalog now says ' || COALESCE(a.size_bytes::text, 'unknown')
       || ' bytes and ' || COALESCE(a.event_count::text, 'unknown') || ' events; verified with ' || COALESCE(d.size_bytes::text, 'unknown')
       || ' and ' || COALESCE(d.event_count::text, 'unknown'), CAST(:now AS bigint)
     FROM ${KNOWN} JOIN answer a ON a.name = d.name
     WHERE s.dataset_id = :id AND s.state NOT IN ${CORRECTABLE} AND ${DIFFERS}
     UNION ALL
     SELECT CAST(:id AS bigint), d.id, 'transfer', NULL, 'file retired', 'the input no longer names this file; it gets no new work', CAST(:now AS bigint)
     FROM ${KNOWN} WHERE s.dataset_id = :id AND s.retired_ms IS NOT NULL
     ON CONFLICT (dataset_id, kind, COALESCE(file_id, 0)) WHERE cleared_ms IS NULL DO NOTHING`,
    values,
  );
  await tx.raw(
    `UPDATE problems p SET cleared_ms = CAST(:now AS bigint) FROM ${KNOWN} LEFT JOIN answer a ON a.name = d.name
     WHERE p.dataset_id = :id AND p.file_id = d.id AND p.cleared_ms IS NULL AND (
       (p.kind = 'file retired' AND s.retired_ms IS NULL)
       OR (p.kind = 'catalog contradicts' AND a.name IS NOT NULL AND NOT (${DIFFERS})))`,
    values,
  );
}
