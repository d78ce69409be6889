/** Reading the rows a phase is concerned with, page by page in id order. */
import type { Knex } from 'knex';
import { WAITING_PROBLEMS } from '../machines/problems.ts';
import type { DatasetRow, InputRow, OutputRow, Page } from '../reconcilers/model/rows.ts';
import type { PageScope } from '../reconcilers/model/scope.ts';
import { begunArchives, closedSubmissions, unarchivedSubmissions } from './archiving.ts';
import { COLUMNS } from './rows.ts';
import { readScrub } from './scrubs.ts';

/** Pages of a scope, each read when it is asked for. */
export async function* readPages(knex: Knex, dataset: DatasetRow, scope: PageScope): AsyncGenerator<Page> {
  if (scope.scrub !== null) {
    const scrub = await readScrub(knex, dataset, scope, scope.scrub);
    const page = await pageOfOutputs(knex, scope, scrub.due);
    if (page.outputs.length > 0) yield { ...page, scrub };
    return;
  }
  let after = 0;
  for (;;) {
    const page = await SUBJECTS[scope.subject](knex, dataset, scope, after);
    if (page.lastId === after) return;
    yield page;
    after = page.lastId;
  }
}

/** The same rows of a page as they are now; those that left the scope's tables are gone from it. */
export async function rereadPage(
  knex: Knex,
  dataset: DatasetRow,
  page: Page,
  scope: PageScope,
): Promise<Page> {
  switch (scope.subject) {
    case 'inputs': {
      const inputs = await inputsById(knex, ids(page.inputs));
      const outputs = await outputsOf(knex, scope, inputs);
      return { ...(await withWork(knex, scope, { inputs, outputs }, page.lastId)), scrub: page.scrub };
    }
    case 'outputs': {
      const outputs = await outputsById(knex, ids(page.outputs));
      return { ...(await withParents(knex, scope, outputs, page.lastId)), scrub: page.scrub };
    }
    case 'submissions': {
      const submissions = await unarchivedSubmissions(
        knex,
        dataset,
        page.submissions.map((row) => row.id),
      );
      return { ...EMPTY, submissions, lastId: page.lastId };
    }
    case 'archives': {
      const after = (page.archives[0]?.id ?? 1) - 1;
      const found = await begunArchives(knex, dataset, after, scope.pageSize);
      const asked = new Set(ids(page.archives));
      return { ...EMPTY, archives: found.filter(({ id }) => asked.has(id)), lastId: page.lastId };
    }
  }
}

/** A page without rows. */
export const EMPTY = {
  inputs: [],
  outputs: [],
  attempts: [],
  submissions: [],
  jobs: [],
  archives: [],
  scrub: null,
} as const;

/** Files that have an open problem for whose end they wait. */
const WAITING = `SELECT file_id FROM problems
  WHERE dataset_id = :dataset AND cleared_ms IS NULL AND kind = ANY(:kinds) AND file_id IS NOT NULL`;

type Reader = (knex: Knex, dataset: DatasetRow, scope: PageScope, after: number) => Promise<Page>;

const SUBJECTS: { readonly [K in PageScope['subject']]: Reader } = {
  inputs: async (knex, dataset, scope, after) => {
    const { rows } = await knex.raw(
      `SELECT ${COLUMNS.input} FROM input_states s JOIN file_details d ON d.id = s.file_id
       WHERE s.dataset_id = :dataset AND s.file_id > :after
         AND (CAST(:replicasIn AS text) IS NULL OR (s.copy_path IS NOT NULL AND d.source_store <> :replicasIn)) AND (
         s.state = ANY(:states)
         OR (s.state = 'error' AND s.phase = ANY(:errorPhases) AND s.retry_at_ms <= :due)
         OR (CAST(:outdated AS text) IS NOT NULL AND s.state IN ('done', 'copied') AND s.revision <> :outdated)
         OR (s.state = :someState AND EXISTS (SELECT 1 FROM live_attempts l
              WHERE l.file_id = s.file_id AND l.phase = :attemptsOf))
         OR s.file_id IN (SELECT file_id FROM input_states WHERE dataset_id = :dataset AND state = :someState
              AND retired_ms IS NULL AND file_id NOT IN (${WAITING})
              ORDER BY class IS NULL, file_id LIMIT :atMost)
         OR (s.state = :someState AND s.file_id IN (${WAITING} ORDER BY file_id LIMIT :waiting)))
       ORDER BY s.file_id LIMIT :limit`,
      {
        ...common(dataset, scope, after),
        outdated: scope.outdated,
        replicasIn: scope.replicasIn,
        someState: scope.some?.state ?? 'none',
        atMost: scope.some?.atMost ?? 0,
        waiting: scope.some?.waiting ?? 0,
        kinds: [...WAITING_PROBLEMS],
        attemptsOf: scope.attemptsOf,
      },
    );
    const inputs: InputRow[] = rows;
    const outputs = await outputsOf(knex, scope, inputs);
    return withWork(knex, scope, { inputs, outputs }, inputs.at(-1)?.id ?? after);
  },

  outputs: async (knex, dataset, scope, after) => {
    const { rows } = await knex.raw(
      `SELECT ${COLUMNS.output} FROM output_states s JOIN file_details d ON d.id = s.file_id
       WHERE s.dataset_id = :dataset AND s.file_id > :after AND s.state = ANY(:states)
         AND s.output_key = ANY(:keys)
         AND (s.class IS NULL OR (s.phase = ANY(:errorPhases) AND (s.retry_at_ms <= :due
           OR (CAST(:stopped AS boolean) AND s.retry_at_ms IS NULL AND s.state IN ('copied', 'deleted')))))
       ORDER BY s.file_id LIMIT :limit`,
      { ...common(dataset, scope, after), keys: scope.keys, stopped: scope.stopped },
    );
    const outputs: OutputRow[] = rows;
    return withParents(knex, scope, outputs, outputs.at(-1)?.id ?? after);
  },

  submissions: async (knex, dataset, scope, after) => {
    const submissions = await closedSubmissions(knex, dataset, after, scope.pageSize);
    return { ...EMPTY, submissions, lastId: submissions.at(-1)?.id ?? after };
  },

  archives: async (knex, dataset, scope, after) => {
    const archives = await begunArchives(knex, dataset, after, scope.pageSize);
    return { ...EMPTY, archives, lastId: archives.at(-1)?.id ?? after };
  },
};

function common(dataset: DatasetRow, scope: PageScope, after: number) {
  return {
    dataset: dataset.id,
    after,
    states: [...scope.states],
    errorPhases: [...scope.errorPhases],
    due: scope.dueMs,
    limit: scope.pageSize,
  };
}

const ids = (rows: readonly { readonly id: number }[]) => rows.map((row) => row.id);

async function inputsById(knex: Knex, wanted: readonly number[]): Promise<InputRow[]> {
  const { rows } = await knex.raw(
    `SELECT ${COLUMNS.input} FROM input_states s JOIN file_details d ON d.id = s.file_id
     WHERE s.file_id = ANY(?) ORDER BY s.file_id`,
    [[...wanted]],
  );
  return rows;
}

async function outputsById(knex: Knex, wanted: readonly number[]): Promise<OutputRow[]> {
  const { rows } = await knex.raw(
    `SELECT ${COLUMNS.output} FROM output_states s JOIN file_details d ON d.id = s.file_id
     WHERE s.file_id = ANY(?) ORDER BY s.file_id`,
    [[...wanted]],
  );
  return rows;
}

/** Outputs of inputs that count: lost ones are history. */
async function outputsOf(knex: Knex, scope: PageScope, inputs: readonly InputRow[]): Promise<OutputRow[]> {
  if (!scope.withOutputs || inputs.length === 0) return [];
  const { rows } = await knex.raw(
    `SELECT ${COLUMNS.output} FROM accepted_outputs c
     JOIN file_details d ON d.id = c.output_id JOIN output_states s ON s.file_id = d.id
     WHERE c.input_id = ANY(?) AND s.state <> 'lost' ORDER BY d.id`,
    [ids(inputs)],
  );
  return rows;
}

async function withParents(
  knex: Knex,
  scope: PageScope,
  outputs: readonly OutputRow[],
  lastId: number,
): Promise<Page> {
  const inputs = await inputsById(knex, [...new Set(outputs.map((output) => output.inputId))]);
  return withWork(knex, scope, { inputs, outputs }, lastId);
}

/** The page of a scope's subject that these outputs are part of. */
async function pageOfOutputs(knex: Knex, scope: PageScope, wanted: readonly number[]): Promise<Page> {
  const outputs = await outputsById(knex, wanted);
  const page = await withParents(knex, scope, outputs, outputs.at(-1)?.id ?? 0);
  if (scope.subject === 'outputs') return page;
  return withWork(
    knex,
    scope,
    { inputs: page.inputs, outputs: await outputsOf(knex, scope, page.inputs) },
    page.lastId,
  );
}

type Files = Pick<Page, 'inputs' | 'outputs'>;

/** The live attempts of a page's subjects in this phase, with their submissions and jobs. */
async function withWork(knex: Knex, scope: PageScope, files: Files, lastId: number): Promise<Page> {
  const subjects = scope.subject === 'inputs' ? files.inputs : files.outputs;
  const attempts = await knex.raw(
    `SELECT ${COLUMNS.attempt} FROM live_attempts l JOIN attempts a ON a.id = l.attempt_id
     WHERE l.file_id = ANY(?) AND l.phase = ? ORDER BY a.id`,
    [ids(subjects), scope.attemptsOf],
  );
  const submissionIds: number[] = attempts.rows.map((row: { submissionId: number }) => row.submissionId);
  const works = [[...new Set(submissionIds)]];
  const submissions = await knex.raw(
    `SELECT ${COLUMNS.submission} FROM submissions b WHERE b.id = ANY(?) ORDER BY b.id`,
    works,
  );
  const jobs = await knex.raw(
    `SELECT ${COLUMNS.job} FROM submission_jobs j WHERE j.submission_id = ANY(?) ORDER BY 1, 2`,
    works,
  );
  const work = { attempts: attempts.rows, submissions: submissions.rows, jobs: jobs.rows };
  return { ...EMPTY, ...files, ...work, lastId };
}
