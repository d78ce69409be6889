/** The lists of `get` as tables: which columns they have, and what stands in their cells. */
import type { FileLine, JobLine } from '../../db/queries/datasets.ts';
import type { DatasetRow } from '../../reconcilers/model/rows.ts';
import { type Column, inColumns } from './columns.ts';
import { oneLine, shown } from './shown.ts';
import { bytes } from './table.ts';
import { age, localTime, seconds } from './time.ts';

/** How a list is printed. */
export interface Printing {
  /** With all columns. */
  readonly wide: boolean;
  /** Of the terminal; Infinity where nothing is to be shortened. */
  readonly width: number;
  readonly now: number;
}

/** A column with what stands in it; `wide`: only where all columns are asked for. */
interface Shown<Row> extends Column {
  readonly of: (row: Row, printing: Printing) => string | number | null;
  readonly wide?: true;
}

const DATASET = { head: 'dataset', shorten: 'middle', least: 8 } as const;

const FILES: readonly Shown<FileLine>[] = [
  { ...DATASET, of: ({ dataset }) => dataset },
  { head: 'name', shorten: 'middle', least: 14, share: 3, of: ({ name }) => shown(name) },
  { head: 'tier', shorten: 'middle', least: 6, of: ({ dataTier }) => shown(dataTier) },
  { head: 'state', of: ({ state }) => state },
  {
    head: 'revision',
    wide: true,
    of: ({ kind, revision }) => (kind === 'output' && revision !== null ? revision.slice(0, 8) : null),
  },
  { head: 'run', align: 'right', wide: true, of: ({ run }) => run },
  { head: 'events', align: 'right', of: ({ eventCount }) => eventCount },
  { head: 'size', align: 'right', of: ({ sizeBytes }) => (sizeBytes === null ? null : bytes(sizeBytes)) },
  { head: 'location', wide: true, of: ({ location }) => (location === null ? null : shown(location)) },
  { head: 'parent', wide: true, of: ({ parent }) => (parent === null ? null : shown(parent)) },
  {
    head: 'reason',
    shorten: 'end',
    least: 8,
    share: 2,
    of: ({ reason }) => (reason === null ? null : oneLine(reason)),
  },
];

const JOBS: readonly Shown<JobLine>[] = [
  { head: 'name', shorten: 'middle', least: 12, share: 2, of: ({ name }) => name },
  { head: 'type', shorten: 'middle', least: 4, of: ({ type }) => shown(type) },
  { ...DATASET, least: 7, of: ({ dataset }) => dataset },
  { head: 'file', shorten: 'middle', least: 12, share: 3, of: (job, { wide }) => filesOf(job, wide) },
  { head: 'status', of: statusOf },
  { head: 'submitted', wide: true, of: ({ submittedMs }) => localTime(submittedMs) },
  {
    head: 'since',
    align: 'right',
    of: ({ sinceMs }, { wide, now }) => (wide ? localTime(sinceMs) : age(now - sinceMs)),
  },
  { head: 'wall', align: 'right', of: ({ wallMs }) => (wallMs === null ? null : seconds(wallMs)) },
  { head: 'CPU', align: 'right', of: ({ cpuMs }) => (cpuMs === null ? null : seconds(cpuMs)) },
  { head: 'memory', align: 'right', wide: true, of: memoryOf },
  { head: 'node', shorten: 'middle', least: 6, of: ({ node }) => (node === null ? null : shown(node)) },
  { head: 'processor', wide: true, of: ({ processor }) => (processor === null ? null : shown(processor)) },
  { head: 'follows', wide: true, of: ({ reference }) => reference },
];

const DATASETS: readonly Shown<DatasetRow>[] = [
  { head: 'name', shorten: 'middle', least: 12, share: 3, of: ({ name }) => name },
  { head: 'request', align: 'right', of: ({ requestId }) => requestId },
  { head: 'generation', align: 'right', of: ({ generation }) => generation },
  { head: 'revision', shorten: 'middle', least: 8, of: ({ loaded }) => loaded.revision },
  { head: 'site', shorten: 'middle', least: 8, of: ({ loaded }) => loaded.site.name },
  { head: 'spec', wide: true, of: ({ loaded }) => shown(loaded.origin.file) },
];

/** `filesText` lists files for people. */
export function filesText(rows: readonly FileLine[], printing: Printing): string {
  return listed(isReprocessed(rows) ? FILES.map(shownAlways) : FILES, rows, printing);
}

/** Where outputs of several revisions lie beside each other, the revision tells them apart. */
function isReprocessed(rows: readonly FileLine[]): boolean {
  return new Set(rows.flatMap(({ kind, revision }) => (kind === 'output' ? [revision] : []))).size > 1;
}

function shownAlways(column: Shown<FileLine>): Shown<FileLine> {
  if (column.head !== 'revision') return column;
  const { wide: _, ...always } = column;
  return always;
}

/** `jobsText` lists jobs for people. */
export const jobsText = (rows: readonly JobLine[], printing: Printing) => listed(JOBS, rows, printing);

/** `datasetsText` lists datasets for people. */
export const datasetsText = (rows: readonly DatasetRow[], printing: Printing) =>
  listed(DATASETS, rows, printing);

function listed<Row>(all: readonly Shown<Row>[], rows: readonly Row[], printing: Printing): string {
  if (rows.length === 0) return 'none';
  const columns = all.filter((column) => printing.wide || column.wide === undefined);
  const cells = rows.map((row) => columns.map(({ of }) => String(of(row, printing) ?? '-')));
  return inColumns(columns, cells, printing.width);
}

/** The files of a job: the first, and how many more; all of them where all is asked for. */
function filesOf({ files }: JobLine, wide: boolean): string | null {
  const [first, ...others] = files;
  if (first === undefined) return null;
  if (wide) return files.map(shown).join(' ');
  return others.length === 0 ? shown(first) : `${shown(first)} +${others.length}`;
}

/** A job that its system has taken and not begun is queued; one of which nobody knows that is pending. With its exit code or signal. */
function statusOf({ status, submission, exitCode, signal }: JobLine): string {
  if (status === 'pending') return submission === 'intended' ? 'pending' : 'queued';
  const how = signal ?? (exitCode === 0 ? null : exitCode);
  return how === null ? status : `${status} ${how}`;
}

function memoryOf({ peakMemoryBytes }: JobLine): string | null {
  return peakMemoryBytes === null ? null : bytes(peakMemoryBytes);
}
