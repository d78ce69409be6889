/** To whom final places belong, who reads from them, and taking one: the primary key decides between two. */
import type { Knex } from 'knex';
import type { FileId } from '../machines/model.ts';
import type { Change } from '../reconcilers/model/change.ts';
import type { Owner, PlaceName, Reader } from '../reconcilers/model/holders.ts';
import type { ToldProblem } from '../reconcilers/model/records.ts';
import type { DatasetRow } from '../reconcilers/model/rows.ts';
import type { Stamp } from './stamp.ts';
import { StaleRow } from './update-rows.ts';

/** The owners of places; those that belong to nobody are not among them. */
export async function readOwners(knex: Knex, places: readonly PlaceName[]): Promise<Owner[]> {
  if (places.length === 0) return [];
  const { rows } = await knex.raw(
    `SELECT p.place, p.path, p.kind, p.dataset_id AS "datasetId", t.name AS dataset, p.input_id AS "inputId", d.name AS input
     FROM jsonb_to_recordset(?::jsonb) AS v(place text, path text)
     JOIN places p ON p.place = v.place AND p.path = v.path
     JOIN datasets t ON t.id = p.dataset_id LEFT JOIN file_details d ON d.id = p.input_id`,
    [JSON.stringify(places.map(({ place, path }) => ({ place, path })))],
  );
  return rows;
}

/** The inputs of these names in every dataset that has not given up its places, with where their raw copies lie. */
export async function readReaders(knex: Knex, names: readonly string[]): Promise<Reader[]> {
  if (names.length === 0) return [];
  const { rows } = await knex.raw(
    `WITH t AS MATERIALIZED (
       SELECT t.id, t.name, g.loaded #>> '{spec,input,store}' AS store, g.loaded #>> '{spec,input,afterDone}' AS after
       FROM datasets t JOIN generations g ON g.dataset_id = t.id AND g.number = t.generation WHERE t.released_ms IS NULL)
     SELECT * FROM (
       SELECT d.id AS "inputId", d.name AS input, t.id AS "datasetId", t.name AS dataset, t.store,
         COALESCE(s.copy_path, CASE WHEN d.source_store = t.store THEN d.source_path END) AS path,
         NOT (t.after = 'release' AND s.state IN ('done', 'copied') AND d.source_store IS DISTINCT FROM t.store) AS needed
       FROM file_details d JOIN input_states s ON s.file_id = d.id JOIN t ON t.id = d.dataset_id
       WHERE d.kind = 'input' AND d.name = ANY(?)) r
     WHERE r.path IS NOT NULL ORDER BY r."inputId"`,
    [[...names]],
  );
  return rows;
}

/** Open problems of these kinds of some files of a dataset. */
export async function readTold(
  knex: Knex,
  dataset: DatasetRow,
  files: readonly FileId[],
  kinds: readonly string[],
): Promise<ToldProblem[]> {
  const { rows } = await knex.raw(
    `SELECT kind, file_id AS "fileId", message FROM problems
     WHERE dataset_id = ? AND cleared_ms IS NULL AND kind = ANY(?) AND file_id = ANY(?)`,
    [dataset.id, [...kinds], [...files]],
  );
  return rows;
}

/**
 * Write claims: each place becomes, or is already, the input's.
 *
 * @throws StaleRow when one has become another's meanwhile: the transaction is undone
 */
export async function insertClaims(tx: Knex, { claims }: Change, { dataset, atMs }: Stamp): Promise<void> {
  if (claims.length === 0) return;
  const textOf = ({ path, place }: PlaceName) => `${path}\n${place}`;
  // In one order, so that two who claim alike never wait for each other.
  const sorted = claims.toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
  const values = { claims: JSON.stringify(sorted), dataset: dataset.id, at: atMs };
  const { rows } = await tx.raw(
    `WITH made AS (
       INSERT INTO places (place, path, kind, dataset_id, input_id, output_key, store, store_path, since_ms, located_ms)
       SELECT v.place, v.path, v.kind, CAST(:dataset AS bigint), v."inputId", v."outputKey", v.store, v."storePath",
         CAST(:at AS bigint), CAST(:at AS bigint) FROM ${CLAIMS}
       ON CONFLICT (place, path) DO UPDATE SET kind = EXCLUDED.kind, output_key = EXCLUDED.output_key,
         store = EXCLUDED.store, store_path = EXCLUDED.store_path
         WHERE places.dataset_id = EXCLUDED.dataset_id AND places.input_id IS NOT DISTINCT FROM EXCLUDED.input_id
       RETURNING 1)
     SELECT count(*) AS made FROM made`,
    values,
  );
  if (rows[0].made !== claims.length) throw new StaleRow('a place was given to another file meanwhile');
  await tx.raw(LEFT_BEHIND, values);
}

const CLAIMS = `jsonb_to_recordset(CAST(:claims AS jsonb)) AS v(place text, path text, kind text, "inputId" bigint,
  "outputKey" text, store text, "storePath" text)`;

/** A place an input was to have before its spec was changed, and in which it never had anything, is free again. */
const LEFT_BEHIND = `DELETE FROM places p USING ${CLAIMS}
  WHERE p.dataset_id = :dataset AND p.input_id = v."inputId" AND p.output_key = v."outputKey" AND p.kind = v.kind
    AND (p.place, p.path) <> (v.place, v.path)
    AND NOT EXISTS (SELECT 1 FROM file_details d JOIN output_states s ON s.file_id = d.id
      WHERE d.parent_id = p.input_id AND d.output_key = p.output_key AND d.kind = 'output'
        AND (p.kind <> 'output' OR (d.store = p.store AND d.path = p.store_path))
        AND (p.kind = 'output' OR s.far_path IS NOT NULL))`;
