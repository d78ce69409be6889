/**
 * Places: to which input of which dataset a final place belongs (law 4).
 *
 * What is on record already gets its places in the order in which it was accepted. Only
 * stores can say where a path really lies; until they have, a place is what the site's
 * text says (`located_ms`). Who comes second has an open problem from now on.
 */
import type { Knex } from 'knex';
import { PLACE_TAKEN } from '../../machines/problems.ts';
import { commented } from './commented.ts';

const PLACES = `
-- To which input of which dataset a final place belongs, whatever lies there.
CREATE TABLE places (
  place text COLLATE "C" NOT NULL, -- what the path is a path of: file for this host, else another system
  path text COLLATE "C" NOT NULL, -- the one path for all names of the same file
  kind text NOT NULL CHECK (kind IN ('output', 'far copy', 'metadata', 'archive')), -- what it is kept for
  dataset_id bigint NOT NULL REFERENCES datasets, -- the dataset it belongs to
  input_id bigint REFERENCES file_details, -- the input it belongs to; null for archives
  output_key text, -- the output's key in the spec; null for archives
  store text NOT NULL, -- the store it is a place of, by its name in the dataset's site
  store_path text NOT NULL, -- its path there
  since_ms bigint NOT NULL, -- since when it belongs to it
  located_ms bigint, -- when the store said where it is; null: only the site's text says so
  PRIMARY KEY (place, path)
);

CREATE INDEX places_input ON places (input_id);
CREATE INDEX places_dataset ON places (dataset_id);
CREATE INDEX places_unlocated ON places (since_ms) WHERE located_ms IS NULL;
`;

const RELEASED = `
ALTER TABLE datasets ADD COLUMN released_ms bigint;
COMMENT ON COLUMN datasets.released_ms IS 'since when it has given up its places; null while they are its own';
ALTER TABLE file_details ADD COLUMN made_from bigint REFERENCES file_details;
COMMENT ON COLUMN file_details.made_from IS 'inputs: the input, of another dataset, whose output this file is; null where it is none';
`;

/** Where a path lies as far as the text of a dataset's site says it. */
const PLACE = `CASE WHEN x.driver = 'posix' THEN 'file' ELSE x.driver || ' ' || x.root END AS place,
  CASE WHEN x.driver = 'posix' THEN rtrim(x.root, '/') || '/' || x.store_path ELSE x.store_path END AS path`;

/** Everything that lies under a final name, with the output that says when it was accepted. */
const HELD = `
WITH held AS (
  SELECT d.id AS first, d.created_ms, d.dataset_id, d.parent_id AS input_id, d.output_key, 'output' AS kind,
    d.store, d.path AS store_path
  FROM accepted_outputs c JOIN file_details d ON d.id = c.output_id
  UNION ALL
  SELECT d.id, d.created_ms, d.dataset_id, d.parent_id, d.output_key, k.kind,
    o.value #>> '{export,to}', s.far_path || k.suffix
  FROM accepted_outputs c JOIN file_details d ON d.id = c.output_id JOIN output_states s ON s.file_id = d.id
  JOIN datasets t ON t.id = d.dataset_id JOIN generations g ON g.dataset_id = t.id AND g.number = t.generation
  JOIN LATERAL jsonb_array_elements(g.loaded #> '{spec,outputs}') AS o(value) ON o.value ->> 'key' = d.output_key
  JOIN (VALUES ('far copy', ''), ('metadata', '.metadata.json')) AS k(kind, suffix)
    ON k.kind = 'far copy' OR jsonb_exists(o.value #> '{export,with}', 'metadata')
  WHERE s.state IN ('copied', 'deleted') AND s.far_path IS NOT NULL AND o.value #>> '{export,to}' IS NOT NULL
  UNION ALL
  SELECT a.id, a.made_ms, a.dataset_id, NULL, NULL, 'archive', a.store, a.path FROM archives a),
placed AS (
  SELECT x.*, ${PLACE} FROM (
    SELECT h.*, g.loaded #>> ARRAY['site', 'stores', h.store, 'driver'] AS driver,
      g.loaded #>> ARRAY['site', 'stores', h.store, 'root'] AS root
    FROM held h JOIN datasets t ON t.id = h.dataset_id
    JOIN generations g ON g.dataset_id = t.id AND g.number = t.generation) x
  WHERE x.driver IS NOT NULL AND x.root IS NOT NULL)`;

const FILL = `${HELD}
INSERT INTO places (place, path, kind, dataset_id, input_id, output_key, store, store_path, since_ms)
SELECT place, path, kind, dataset_id, input_id, output_key, store, store_path, created_ms
FROM placed ORDER BY created_ms, first
ON CONFLICT (place, path) DO NOTHING`;

const MARK = `${HELD}
INSERT INTO problems (dataset_id, file_id, phase, class, kind, message, since_ms)
SELECT DISTINCT ON (p.dataset_id, p.input_id) p.dataset_id, p.input_id, 'process', 'data', '${PLACE_TAKEN}',
  p.store || ':' || p.store_path || ' belongs to ' || COALESCE(d.name, 'an archive') || ' of dataset ' || t.name
    || ', which was there first; one file cannot be the output of both', CAST(? AS bigint)
FROM placed p JOIN places o ON o.place = p.place AND o.path = p.path
JOIN datasets t ON t.id = o.dataset_id LEFT JOIN file_details d ON d.id = o.input_id
WHERE (o.dataset_id, COALESCE(o.input_id, 0)) <> (p.dataset_id, COALESCE(p.input_id, 0)) AND p.input_id IS NOT NULL
ORDER BY p.dataset_id, p.input_id, p.first
ON CONFLICT (dataset_id, kind, COALESCE(file_id, 0)) WHERE cleared_ms IS NULL DO NOTHING`;

export async function up(knex: Knex): Promise<void> {
  const { rows } = await knex.raw(
    'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now',
  );
  await knex.raw(commented(PLACES));
  await knex.raw(RELEASED);
  await knex.raw(FILL);
  await knex.raw(MARK, [rows[0].now]);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE places');
  await knex.raw('ALTER TABLE datasets DROP COLUMN released_ms');
  await knex.raw('ALTER TABLE file_details DROP COLUMN made_from');
}
