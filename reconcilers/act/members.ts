/** Asking which files a dataset wants: the catalog, a manifest, or a store's folder. */
import { believeMembers, membersAsked } from '../decide/members/membership.ts';
import { byRun, memberOf, RUN_UNKNOWN, unknownRuns } from '../decide/members/named-members.ts';
import type { Member, MembersOutcome, Records } from '../model/records.ts';
import type { DatasetRow } from '../model/rows.ts';
import type { CatalogFile } from '../ports/catalog.ts';
import type { SitePorts } from '../ports/ports.ts';
import { foreignMembers } from './foreign-members.ts';
import { listed } from './list-members.ts';

/** The files of an NDJSON manifest, in pages. Throws DriverError naming file and line. */
export type ManifestReader = (file: string, signal: AbortSignal) => AsyncIterable<readonly CatalogFile[]>;

/** Ask for the members and write what changed; a bad answer holds the dataset and changes nothing. */
export async function refreshMembers(
  dataset: DatasetRow,
  around: {
    readonly records: Records;
    readonly ports: SitePorts;
    readonly manifest: ManifestReader;
    readonly signal: AbortSignal;
  },
): Promise<MembersOutcome & { readonly runless: string | null }> {
  const { records, ports, manifest, signal } = around;
  const asked = membersAsked(dataset);
  const { kind } = dataset.loaded.spec.input.source;
  const runless: string[] = [];
  const foreign = foreignMembers(dataset, around);
  let listedMs = 0;
  async function* ask(): AsyncGenerator<readonly Member[]> {
    runless.length = 0;
    foreign.begin();
    for await (const { wanted, unknown } of askByRun(dataset, ports, manifest, signal)) {
      for (const one of unknown) runless.push(one);
      yield await foreign.of(wanted);
    }
    listedMs = await records.now();
  }
  const now = await records.now();
  const answer = await records.members(dataset, ask, {
    repeatable: kind === 'files' || kind === 'manifest',
    onlyGrows: asked.onlyGrows,
    decide: (summary) => believeMembers(summary, { ...asked, runless: unknownRuns(dataset, runless) }),
    now,
    listedMs: () => listedMs,
  });
  await foreign.conclude(now);
  const told = unknownRuns(dataset, runless);
  await records.tell(dataset, RUN_UNKNOWN, told === null ? null : { class: 'data', message: told }, now);
  return { ...answer, runless: told };
}

/**
 * Ask the catalog about members that are still to be brought, or whose replicas may go: a
 * snapshot keeps its members, but not what was wrong about them.
 */
export async function refreshSources(
  dataset: DatasetRow,
  {
    records,
    ports,
    signal,
  }: { readonly records: Records; readonly ports: SitePorts; readonly signal: AbortSignal },
): Promise<MembersOutcome & { readonly runless: null }> {
  // Asked before anything is begun that others would have to wait for.
  const pages: (readonly Member[])[] = [];
  for await (const names of records.namesToFollow(dataset)) {
    const { found } = await ports.catalog.describe(names, 0, signal);
    pages.push(byRun(dataset, [...found.values()]).wanted.map((file) => memberOf(dataset, file)));
  }
  async function* answer(): AsyncGenerator<readonly Member[]> {
    yield* pages;
  }
  const answered = pages.reduce((sum, page) => sum + page.length, 0);
  const changed = await records.correct(dataset, answer(), await records.now());
  const nothing = { added: 0, gone: 0, contradicted: 0, arriving: 0, twice: null, held: null, runless: null };
  return { ...nothing, ...changed, known: answered, answered };
}

/** The members as they are now, in pages, each with where it comes from. */
export async function* askMembers(
  dataset: DatasetRow,
  ports: SitePorts,
  manifest: ManifestReader,
  signal: AbortSignal,
): AsyncGenerator<readonly Member[]> {
  for await (const { wanted } of askByRun(dataset, ports, manifest, signal)) yield wanted;
}

/** A page of an answer: members of wanted runs, and names of files whose runs nobody knows. */
interface Answered {
  readonly wanted: readonly Member[];
  readonly unknown: readonly string[];
}

async function* askByRun(
  dataset: DatasetRow,
  ports: SitePorts,
  manifest: ManifestReader,
  signal: AbortSignal,
): AsyncGenerator<Answered> {
  const names = (files: readonly { readonly name: string }[]) => files.map(({ name }) => name);
  if (dataset.loaded.spec.input.source.kind === 'files') {
    for await (const members of listed(dataset, ports, signal)) {
      const { wanted, unknown } = byRun(dataset, members);
      yield { wanted, unknown: names(unknown) };
    }
    return;
  }
  for await (const files of described(dataset, ports, manifest, signal)) {
    const { wanted, unknown } = byRun(dataset, files);
    yield { wanted: wanted.map((file) => memberOf(dataset, file)), unknown: names(unknown) };
  }
}

/** What the catalog or the manifest that names the files says of each. */
function described(
  { loaded }: DatasetRow,
  ports: SitePorts,
  manifest: ManifestReader,
  signal: AbortSignal,
): AsyncIterable<readonly CatalogFile[]> {
  const { source } = loaded.spec.input;
  switch (source.kind) {
    case 'manifest':
      return manifest(source.manifest, signal);
    case 'query':
      return ports.catalog.members({ query: source.query }, signal);
    case 'definition':
      return ports.catalog.members({ definition: source.definition }, signal);
    case 'files':
      throw new Error('files named by paths are listed, not described; please report');
  }
}
