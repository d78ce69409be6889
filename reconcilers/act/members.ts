/** Asking which files a dataset wants: the catalog, a manifest, or a store's folder. */
import { believeMembers, membersAsked } from '../decide/membership.ts';
import { memberOf, ofWantedRuns } from '../decide/named-members.ts';
import type { DatasetRow } from '../decide/rows.ts';
import type { CatalogFile } from '../ports/catalog.ts';
import type { SitePorts } from '../ports/ports.ts';
import type { Member, Records } from '../ports/records.ts';
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
) {
  const { records, ports, manifest, signal } = around;
  const asked = membersAsked(dataset);
  const { kind } = dataset.loaded.spec.input.source;
  return records.members(dataset, () => askMembers(dataset, ports, manifest, signal), {
    repeatable: kind === 'files' || kind === 'manifest',
    onlyGrows: asked.onlyGrows,
    decide: (summary) => believeMembers(summary, asked),
    now: await records.now(),
  });
}

/** The members as they are now, in pages, each with where it comes from. */
export async function* askMembers(
  dataset: DatasetRow,
  ports: SitePorts,
  manifest: ManifestReader,
  signal: AbortSignal,
): AsyncGenerator<readonly Member[]> {
  const { source } = dataset.loaded.spec.input;
  switch (source.kind) {
    case 'definition':
    case 'query': {
      const question = source.kind === 'query' ? { query: source.query } : { definition: source.definition };
      for await (const files of ports.catalog.members(question, signal)) yield named(dataset, files);
      return;
    }
    case 'manifest':
      for await (const files of manifest(source.manifest, signal)) yield named(dataset, files);
      return;
    case 'files':
      yield* listed(dataset, source.files, ports, signal);
  }
}

const named = (dataset: DatasetRow, files: readonly CatalogFile[]): readonly Member[] =>
  ofWantedRuns(dataset, files).map((file) => memberOf(dataset, file));
