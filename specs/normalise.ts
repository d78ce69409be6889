/**
 * From documents without problems to specs: names resolved, paths absolute, the
 * defaults that depend on other fields filled in.
 */
import { PHASES } from '../machines/model.ts';
import type { SpecDocument } from './document.ts';
import type { FilledDataset, FilledInput, FilledJob, FilledOutput, FilledRuns } from './filled.ts';
import { besides, type References } from './references.ts';
import { readRuns } from './runs.ts';
import type {
  DatasetSpec,
  EventCounter,
  FailureRule,
  InputSource,
  JobCounter,
  JobSpec,
  OutputSpec,
  RunFilter,
  SiteSpec,
} from './types.ts';

/** The spec of a dataset whose document has no problem. */
export function datasetSpec(
  document: SpecDocument,
  { metadata, spec }: FilledDataset,
  site: SiteSpec,
  references: References,
): DatasetSpec {
  const store = spec.input.store ?? Object.keys(site.stores)[0] ?? '';
  return {
    name: metadata.name,
    labels: metadata.labels,
    site: site.name,
    requestId: spec.requestId ?? null,
    input: inputSpec(document, spec.input, store, references),
    job: jobSpec(spec.job),
    outputs: Object.entries(spec.outputs).map(([key, output]) => outputSpec(key, output, store)),
    archive: archiveSpec(spec.archive, store),
    retry: retrySpec(spec.retry),
    limits: limitsSpec(spec.limits),
    onChange: spec.onChange,
    suspend: spec.suspend,
  };
}

/** A folder below a store's root in its one form: no empty parts, no `.`. */
export function plainFolder(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

function inputSpec(
  document: SpecDocument,
  input: FilledInput,
  store: string,
  references: References,
): DatasetSpec['input'] {
  const runs = (written: FilledRuns | undefined): RunFilter['include'] => {
    if (written === undefined) return [];
    if (typeof written === 'string') {
      const reference = references.get(besides(document, written));
      return reference?.kind === 'runs' ? reference.list.ranges : [];
    }
    return written.map((run) => readRuns(String(run))).flatMap((read) => (read.ok ? [read.range] : []));
  };
  return {
    source: sourceOf(document, input),
    dataTier: input.dataTier,
    store,
    path: plainFolder(input.path),
    runs: { include: runs(input.runs.include), exclude: runs(input.runs.exclude) },
    run: { pattern: input.run.pattern ?? null },
    refreshSeconds: input.refresh === 'never' ? null : input.refresh,
    settleForSeconds: input.settleFor,
    eventCount: eventCounter(document, input),
    eventCountMissing: input.eventCountMissing,
    afterDone: input.afterDone,
  };
}

function sourceOf(document: SpecDocument, input: FilledInput): InputSource {
  if (input.definition !== undefined) return { kind: 'definition', definition: input.definition };
  if (input.query !== undefined) return { kind: 'query', query: input.query };
  if (input.manifest !== undefined) return { kind: 'manifest', manifest: besides(document, input.manifest) };
  return { kind: 'files', files: [input.files ?? []].flat().map((file) => file.replace(/^(\.\/+)+/, '')) };
}

function eventCounter(document: SpecDocument, { eventCount }: FilledInput): EventCounter {
  if (eventCount === 'catalog') return { by: 'catalog' };
  const { pattern, command, manifest } = eventCount;
  if (pattern !== undefined) return { by: 'pattern', pattern };
  if (command !== undefined) return { by: 'command', command };
  return manifest === undefined
    ? { by: 'catalog' }
    : { by: 'manifest', manifest: besides(document, manifest) };
}

function jobCounter(counter: FilledJob['eventsRead']): JobCounter {
  if (counter === 'report') return { by: 'report' };
  const { file, log, pattern, command } = counter;
  if (file !== undefined) return { by: 'file', file };
  if (log !== undefined) return { by: 'log', log };
  if (pattern !== undefined) return { by: 'pattern', pattern };
  return command === undefined ? { by: 'report' } : { by: 'command', command };
}

function jobSpec(job: FilledJob): JobSpec {
  const type = job.type ?? job.application.name ?? 'job';
  return {
    type,
    application: { ...job.application, name: job.application.name ?? type },
    command: job.command,
    macro: job.macro ?? null,
    filesPerJob: job.filesPerJob,
    awkChecksumUpToBytes: job.awkChecksumUpTo,
    resources: {
      cpuTimeSeconds: job.resources.cpuTime ?? null,
      walltimeSeconds: job.resources.walltime ?? null,
      memoryBytes: job.resources.memory ?? null,
      scratchBytes: job.resources.scratch ?? null,
    },
    options: job.options,
    environment: Object.fromEntries(
      Object.entries(job.environment).map(([name, value]) => [name, String(value)]),
    ),
    eventsRead: jobCounter(job.eventsRead),
    failures: job.failures.map(failureRule),
  };
}

function failureRule(rule: FilledJob['failures'][number]): FailureRule {
  const { signal } = rule;
  return {
    exitCode: rule.exitCode ?? null,
    signal: signal === undefined || signal.startsWith('SIG') ? (signal ?? null) : `SIG${signal}`,
    log: rule.log ?? null,
    batchState: rule.batchState ?? null,
    class: rule.class,
    system: rule.system ?? null,
  };
}

function outputSpec(key: string, output: FilledOutput, inputStore: string): OutputSpec {
  const { policy } = output;
  return {
    key,
    dataTier: output.dataTier ?? key,
    name: output.name,
    store: output.store ?? inputStore,
    path: plainFolder(output.path),
    metadata: output.metadata ?? null,
    eventsWritten: jobCounter(output.eventsWritten),
    policy:
      typeof policy === 'string'
        ? { kind: policy }
        : { kind: 'range', atMostPpm: policy.atMost, atLeastPpm: policy.atLeast },
    declare: output.declare,
    export: output.export === undefined ? null : { ...output.export, path: plainFolder(output.export.path) },
  };
}

function archiveSpec(archive: FilledDataset['spec']['archive'], store: string): DatasetSpec['archive'] {
  if (archive === 'none') return null;
  return { store: archive.store ?? store, path: plainFolder(archive.path), jobsPerTar: archive.jobsPerTar };
}

function retrySpec(retry: FilledDataset['spec']['retry']): DatasetSpec['retry'] {
  const entries = PHASES.map((phase) => {
    const { attempts, first, longest } = retry[phase];
    return [phase, { attempts, firstSeconds: first, longestSeconds: longest }];
  });
  // Object.fromEntries forgets that every phase is there.
  return Object.fromEntries(entries) as DatasetSpec['retry'];
}

function limitsSpec({ maxFailedShare, ...limits }: FilledDataset['spec']['limits']): DatasetSpec['limits'] {
  return { ...limits, maxFailedSharePpm: maxFailedShare };
}
