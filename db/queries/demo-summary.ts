/** What the demonstration tells at its end. */
import type { Knex } from 'knex';

/** Attempts of one phase that are alike: the how-manieth try of their file, and how they ended. */
export interface TryLine {
  readonly phase: string;
  /** 1 for the first try of a file in this phase. */
  readonly nth: number;
  readonly state: string;
  readonly attempts: number;
  /** Of the files tried. */
  readonly bytes: number;
  readonly cpuMs: number;
}

/** Attempts by phase, try and end, in that order. */
export async function readTries(knex: Knex, datasetId: number): Promise<readonly TryLine[]> {
  const { rows } = await knex.raw(
    `SELECT phase, nth, state, count(*) AS attempts, COALESCE(sum(size_bytes), 0) AS bytes,
       COALESCE(sum(cpu_ms), 0) AS "cpuMs"
     FROM (SELECT a.phase, a.state, a.cpu_ms, d.size_bytes,
             row_number() OVER (PARTITION BY a.file_id, a.phase ORDER BY a.number) AS nth
           FROM attempts a JOIN file_details d ON d.id = a.file_id WHERE a.dataset_id = ?) t
     GROUP BY phase, nth, state ORDER BY phase DESC, nth, state`,
    [datasetId],
  );
  return rows;
}

/** Where the logs of a dataset are stored. */
export async function readArchives(
  knex: Knex,
  datasetId: number,
): Promise<readonly { readonly store: string; readonly path: string; readonly submissions: number }[]> {
  const { rows } = await knex.raw(
    `SELECT r.store, r.path, count(s.submission_id) AS submissions
     FROM archives r LEFT JOIN archived_submissions s ON s.archive_id = r.id
     WHERE r.dataset_id = ? AND r.state = 'stored' GROUP BY r.id ORDER BY r.id`,
    [datasetId],
  );
  return rows;
}

/** Names of the outputs that are declared and located. */
export async function readLocated(knex: Knex, datasetId: number): Promise<readonly string[]> {
  const { rows } = await knex.raw(
    `SELECT d.name FROM output_states o JOIN file_details d ON d.id = o.file_id
     WHERE o.dataset_id = ? AND o.state = 'located' ORDER BY d.name`,
    [datasetId],
  );
  return rows.map((row: { name: string }) => row.name);
}
