/** One file in processing and what the outside says of it, for tables of cases. */
import { changeOf } from '../../reconcilers/decide/change/change-of.ts';
import { optionsOf } from '../../reconcilers/decide/change/phase-rules.ts';
import { processRules } from '../../reconcilers/decide/rules/process.ts';
import type { PassContext } from '../../reconcilers/model/context.ts';
import { EMPTY_PAGE, type InputRow, type OutputRow, type Page } from '../../reconcilers/model/rows.ts';
import type { Stop } from '../../reconcilers/model/stops.ts';
import type { Totals } from '../../reconcilers/model/totals.ts';
import { type Answer, NOTHING_SEEN, type World } from '../../reconcilers/model/world.ts';
import type { JobEnd, JobSeen } from '../../reconcilers/ports/batch-system.ts';
import type { JobTraces, ReportedFile } from '../../reconcilers/ports/spool.ts';
import type { StoredFile } from '../../reconcilers/ports/store.ts';
import type { DatasetSpec } from '../../specs/types.ts';
import {
  aContext,
  aDataset,
  aJob,
  aJobEnd,
  anAnswer,
  anAttempt,
  anInput,
  anOutput,
  aReportedFile,
  aSubmission,
  someTotals,
} from '../builders.ts';
import { anOutputSpec, aSpec } from '../spec-builders.ts';

/** The only submission of these tests. */
export const JOB_NAME = 'r4711-abcd1234-1';
export const RAW = 'raw/all_0000176852_001.raw';
export const DST = 'dst/all_0000176852_001.dst';
/** Where the job writes the DST. */
export const EARLY_DST = `.rereco/attempts/${JOB_NAME}/all_0000176852_001.dst`;

/** The context of a dataset whose spec differs in these fields. */
export function around(
  spec: Partial<DatasetSpec> = {},
  fields: Partial<Omit<PassContext, 'totals'>> & { readonly totals?: Partial<Totals> } = {},
): PassContext {
  const { totals, ...others } = fields;
  return aContext({ dataset: aDataset(aSpec(spec)), totals: someTotals(totals), ...others });
}

/** A batch system whose absences prove nothing at once, and that takes a second to call. */
export const REPEATABLE: Pick<PassContext, 'traits'> = {
  traits: { ...aContext().traits, batch: { ...aContext().traits.batch, absentIsFinal: false } },
};

/** A file that waits for a job. */
export function waiting(fields: Partial<InputRow> = {}): Partial<Page> {
  return { inputs: [anInput({ state: 'verified', attempt: 0, ...fields })] };
}

/** A file in a job of an attempt. @param more  what differs in its rows */
export function inJob(
  more: {
    readonly input?: Partial<InputRow>;
    readonly job?: Parameters<typeof aJob>[0];
    readonly submission?: Parameters<typeof aSubmission>[0];
    readonly revision?: string;
    readonly outputs?: readonly OutputRow[];
  } = {},
): Partial<Page> {
  return {
    inputs: [anInput(more.input)],
    outputs: more.outputs ?? [],
    attempts: [anAttempt(more.revision === undefined ? {} : { revision: more.revision })],
    submissions: [aSubmission(more.submission)],
    jobs: [aJob(more.job)],
  };
}

/** A file that is done, with its only output. */
export function done(input: Partial<InputRow> = {}): Partial<Page> {
  return {
    inputs: [anInput({ state: 'done', revision: 'a'.repeat(64), ...input })],
    outputs: [aDst()],
  };
}

/** The DST of the file. */
export function aDst(fields: Partial<OutputRow> = {}): OutputRow {
  const name = 'all_0000176852_001.dst';
  return anOutput({
    ...{ key: 'dst', name, path: DST, attemptPath: EARLY_DST, checksum: null, ...fields },
  });
}

/** The rest of a page. */
export function aPage(rows: Partial<Page>): Page {
  return { ...EMPTY_PAGE, ...rows };
}

/** What the outside says: what is not named it does not say. */
export interface Sayings {
  /** null: the batch system answers that there is no such submission. */
  readonly job?: JobSeen | null;
  /** The submission is there, but not the job. */
  readonly noJobInIt?: true;
  readonly traces?: JobTraces | null;
  /** By path, all in one store; null: the store answers that there is none. */
  readonly files?: Readonly<Record<string, StoredFile | null>>;
}

/** The world that says this. */
export function says({ job, noJobInIt, traces, files = {} }: Sayings): World {
  const whole = job ? [[0, job] as const] : [];
  const submission = { systemId: '1', jobs: new Map(whole) };
  const isThere = Boolean(job) || noJobInIt;
  return {
    ...NOTHING_SEEN,
    jobs: job === undefined && !noJobInIt ? [] : [answer(JOB_NAME, isThere ? submission : null)],
    traces: traces === undefined ? [] : [answer(`${JOB_NAME}:0` as const, traces)],
    stats: new Map([['disk', Object.entries(files).map(([path, file]) => answer(path, file))]]),
  };
}

function answer<K, V>(key: K, value: V | null): Answer<K, V> {
  return anAnswer([key], { found: value === null ? new Map() : new Map([[key, value]]) });
}

/** A job that ended, with a report of the file. */
export function reported(file: Partial<ReportedFile> = {}, end: Partial<JobEnd> = {}): Sayings {
  const report = {
    submission: JOB_NAME,
    index: 0,
    node: 'wn1',
    processor: null,
    files: [aReportedFile(file)],
  };
  return { job: aJobEnd(end), traces: { report, invalid: null, logTail: '' } };
}

/** What a job leaves that does not even report. */
export const NO_REPORT: JobTraces = { report: null, invalid: null, logTail: '' };

/** The DST is exported, so that its far copy matters, too. */
export const EXPORTED = [
  anOutputSpec({ export: { to: 'far', path: '', when: 'fileDone', with: [], thenDelete: false } }),
];

/** Why no job is begun for a file that waits for one, its copy being there; undefined where one is. */
export function jobStop(context: PassContext, input: InputRow): Stop | undefined {
  const page = aPage({ inputs: [{ ...input, state: 'verified' }] });
  const seen = says({ files: { [RAW]: { sizeBytes: 1000 } } });
  const { standing } = changeOf(page, [], optionsOf(context, 'process'));
  const [decided] = processRules.decide(context, page, seen, standing);
  return decided?.decision.do === 'wait' ? decided.decision.stop : undefined;
}
