import type { Knex } from 'knex';

/** One line of `get files`. */
export interface FileLine {
  readonly dataset: string;
  readonly name: string;
  readonly kind: 'input' | 'output';
  readonly dataTier: string;
  readonly state: string;
  readonly run: number | null;
  readonly sizeBytes: number | null;
  readonly eventCount: number | null;
  readonly location: string | null;
  readonly parent: string | null;
  readonly reason: string | null;
}

/** What a person wants to see; of an empty list, everything. */
export interface FileFilter {
  readonly datasets: readonly string[];
  readonly states: readonly string[];
  readonly kinds: readonly string[];
  readonly names: readonly string[];
  readonly limit: number;
}

const among = (column: string, list: string) =>
  `(cardinality(CAST(:${list} AS text[])) = 0 OR (${column}) = ANY(:${list}))`;

/** Files of some datasets, states and kinds, in the order they were recorded. */
export async function readFiles(knex: Knex, filter: FileFilter): Promise<readonly FileLine[]> {
  const { rows } = await knex.raw(
    `SELECT t.name AS dataset, d.name, d.kind, d.data_tier AS "dataTier", COALESCE(i.state, o.state) AS state, d.run,
       d.size_bytes AS "sizeBytes", d.event_count AS "eventCount",
       CASE WHEN d.kind = 'input' THEN i.copy_path ELSE d.store || ':' || d.path END AS location,
       p.name AS parent, COALESCE(i.reason, o.reason) AS reason
     FROM file_details d JOIN datasets t ON t.id = d.dataset_id
     LEFT JOIN input_states i ON i.file_id = d.id LEFT JOIN output_states o ON o.file_id = d.id
     LEFT JOIN file_details p ON p.id = d.parent_id
     WHERE ${among('t.name', 'datasets')} AND ${among('COALESCE(i.state, o.state)', 'states')}
       AND ${among('d.kind', 'kinds')} AND ${among('d.name', 'names')}
     ORDER BY d.id LIMIT :limit`,
    bindings(filter),
  );
  return rows;
}

/** One line of `get jobs`. */
export interface JobLine {
  readonly name: string;
  readonly dataset: string;
  readonly type: string;
  readonly status: string;
  readonly node: string | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly cpuMs: number | null;
  readonly reference: string | null;
}

/** The first job of a submission has its name, as `r1-abc-12`; another one `r1-abc-12:3`. */
const JOB_NAME = `s.name || CASE WHEN j.index = 0 THEN '' ELSE ':' || j.index END`;

/** Jobs, newest first. */
export async function readJobs(knex: Knex, filter: Omit<FileFilter, 'kinds'>): Promise<readonly JobLine[]> {
  const { rows } = await knex.raw(
    `SELECT ${JOB_NAME} AS name, t.name AS dataset, j.type, j.status,
       j.node, j.exit_code AS "exitCode", j.signal, j.cpu_ms AS "cpuMs", r.name AS reference
     FROM submission_jobs j JOIN submissions s ON s.id = j.submission_id JOIN datasets t ON t.id = s.dataset_id
     LEFT JOIN submissions r ON r.id = j.ref_submission_id
     WHERE ${among('t.name', 'datasets')} AND ${among('j.status', 'states')}
       AND ${among(JOB_NAME, 'names')}
     ORDER BY j.submission_id DESC, j.index LIMIT :limit`,
    bindings({ ...filter, kinds: [] }),
  );
  return rows;
}

function bindings({ datasets, states, kinds, names, limit }: FileFilter) {
  return { datasets: [...datasets], states: [...states], kinds: [...kinds], names: [...names], limit };
}
