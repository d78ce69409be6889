/**
 * Where members come from, as the newest answer has it: a wrong folder of a mover, or a
 * wrong location in the catalog, can be put right.
 */
import type { Knex } from 'knex';
import type { DatasetRow } from '../../reconcilers/model/rows.ts';

/**
 * Nobody has brought it, and nobody is about to. Of a copy that only the catalog was at
 * fault for, the place is what is known of it: it goes on from where it lies.
 */
const UNBROUGHT = `(s.state = 'pending' OR (s.state = 'error' AND s.phase IN ('transfer', 'verify')
    AND NOT (s.fault IS NOT DISTINCT FROM 'catalog' AND s.copy_path IS NOT NULL)))
  AND NOT EXISTS (SELECT 1 FROM live_attempts l WHERE l.file_id = s.file_id)`;

/** A copy that was made here of a file elsewhere: only the place of its origin changes. A copy that is its own origin stays. */
const IS_REPLICA = `s.copy_path IS NOT NULL AND d.source_store IS DISTINCT FROM CAST(:store AS text)
  AND a.source_store <> CAST(:store AS text)`;

const DIFFERS = `a.source_path IS NOT NULL AND a.source_store IS NOT NULL
  AND (d.source_store IS DISTINCT FROM a.source_store OR d.source_path IS DISTINCT FROM a.source_path)`;

/** The history of a file says where it was looked for, though it stays in its state. */
const FOLLOW = `
WITH moved AS (
  SELECT d.id, s.state, s.phase, s.attempt, d.source_store AS old_store, d.source_path AS old_path, a.source_store, a.source_path
  FROM input_states s JOIN file_details d ON d.id = s.file_id JOIN answer a ON a.name = d.name
  WHERE s.dataset_id = :id AND ${DIFFERS} AND ((${UNBROUGHT}) OR (${IS_REPLICA}))),
details AS (
  UPDATE file_details d SET source_store = m.source_store, source_path = m.source_path FROM moved m WHERE d.id = m.id),
again AS (
  UPDATE input_states s SET retry_at_ms = CAST(:now AS bigint) FROM moved m
  WHERE s.file_id = m.id AND s.state = 'error' AND s.phase IN ('transfer', 'verify')),
pass AS (
  INSERT INTO passes (dataset_id, phase, holder, epoch, at_ms)
  SELECT CAST(:id AS bigint), 'members', CAST(:holder AS text), 0, CAST(:now AS bigint) WHERE EXISTS (SELECT 1 FROM moved) RETURNING id),
told AS (
  INSERT INTO transitions (dataset_id, file_id, from_state, to_state, phase, fact, because, attempt, at_ms, pass_id)
  SELECT CAST(:id AS bigint), m.id, m.state, m.state, m.phase, 'source.moved',
    'it comes from ' || m.source_store || ':' || m.source_path
      || COALESCE(', no longer from ' || m.old_store || ':' || m.old_path, ''), m.attempt, CAST(:now AS bigint), pass.id
  FROM moved m, pass)
SELECT count(*) AS files FROM moved`;

/** Let members come from where a staged answer says, as far as nothing depends on the place they had. @returns how many changed */
export async function followSources(
  tx: Knex,
  { id, loaded }: DatasetRow,
  { now, holder }: { readonly now: number; readonly holder: string },
): Promise<number> {
  const { rows } = await tx.raw(FOLLOW, { id, now, holder, store: loaded.spec.input.store });
  return rows[0].files;
}

/** Whether a staged answer names other places than those on record: they may be followed later. */
export async function hasOtherSources(tx: Knex, { id }: DatasetRow): Promise<boolean> {
  const { rows } = await tx.raw(
    `SELECT EXISTS (SELECT 1 FROM input_states s JOIN file_details d ON d.id = s.file_id JOIN answer a ON a.name = d.name
       WHERE s.dataset_id = :id AND ${DIFFERS}) AS others`,
    { id },
  );
  return rows[0].others;
}

/** At most so many are asked about at a time: those that are worked on next are among them. */
const MOST_ASKED = 10_000;
const NAMES_A_PAGE = 1_000;

/** Names of members whose source matters now: those to be brought, and replicas that may go. In the order they are worked on. */
export async function* namesToFollow(
  knex: Knex,
  { id, loaded }: DatasetRow,
): AsyncGenerator<readonly string[]> {
  const { afterDone, store } = loaded.spec.input;
  const { rows } = await knex.raw(
    `SELECT d.name FROM input_states s JOIN file_details d ON d.id = s.file_id
     WHERE s.dataset_id = :id AND s.retired_ms IS NULL AND ((${UNBROUGHT})
       OR (CAST(:release AS boolean) AND s.state IN ('done', 'copied') AND s.copy_path IS NOT NULL AND d.source_store <> :store))
     ORDER BY s.class IS NULL, s.file_id LIMIT ${MOST_ASKED}`,
    { id, store, release: afterDone === 'release' },
  );
  const names = rows.map((row: { name: string }) => row.name);
  for (let at = 0; at < names.length; at += NAMES_A_PAGE) yield names.slice(at, at + NAMES_A_PAGE);
}
