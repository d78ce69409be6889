/** What the catalog knows of an output that is to be published. */
import { counted } from '../../model/counted.ts';
import { type Finding, onOutput } from '../../model/findings.ts';
import type { OutputRow } from '../../model/rows.ts';
import type { Observed } from '../../model/world.ts';
import type { CatalogFile } from '../../ports/catalog.ts';
import { type ChangeOptions, outputAfter } from '../change/rows-after.ts';

/** An output, and what the catalog answered about its name. */
export interface EntryView {
  readonly output: OutputRow;
  readonly entry: Observed<CatalogFile>;
}

type Fact = (view: EntryView) => readonly Finding<'output'>[];

/** In this order: an entry that is found to be ours may have its location, too. */
const FACTS: readonly Fact[] = [foundDeclared, foundAnother, foundLocated];

/** The facts of one output, each about the row as those before it leave it. */
export function entryFindings({ output, entry }: EntryView, options: ChangeOptions): readonly Finding[] {
  let row = output;
  return FACTS.flatMap((fact) => {
    const found = fact({ output: row, entry });
    for (const finding of found) row = outputAfter(row, finding, options).row;
    return found;
  });
}

/** The place of an output as catalogs know it. */
export function locationOf({ store, path }: Pick<OutputRow, 'store' | 'path'>): string {
  return `${store}:${path}`;
}

/** An entry of its name that is like it was made by a declaration whose answer was lost, or by a person. */
function foundDeclared({ output, entry }: EntryView): readonly Finding<'output'>[] {
  if (output.state !== 'promoted' || entry.is !== 'present') return [];
  if (differenceOf(output, entry.value) !== undefined) return [];
  return [onOutput(output.id, { fact: { type: 'output.declared' }, because: 'the catalog has it already' })];
}

/** An entry of its name that is another file's is never taken for its own. */
function foundAnother({ output, entry }: EntryView): readonly Finding<'output'>[] {
  if (output.state !== 'promoted' || entry.is !== 'present') return [];
  const difference = differenceOf(output, entry.value);
  if (difference === undefined) return [];
  const reason = `the catalog already has another ${output.name}: ${difference}; retire it there, then \`rereco clean ${output.name}\``;
  if (output.reason === reason) return [];
  return [onOutput(output.id, { fact: null, because: reason, failure: { class: 'data', reason } })];
}

/** An entry that says where it lies needs nothing more. */
function foundLocated({ output, entry }: EntryView): readonly Finding<'output'>[] {
  if (output.state !== 'declared' || entry.is !== 'present') return [];
  const location = locationOf(output);
  if (!entry.value.locations.includes(location)) return [];
  return [
    onOutput(output.id, {
      fact: { type: 'output.located' },
      because: `the catalog knows it at ${location}`,
    }),
  ];
}

/** In what an entry of the same name differs from the output; a checksum counts where both have one of a kind. */
function differenceOf({ sizeBytes, checksum }: OutputRow, entry: CatalogFile): string | undefined {
  if (entry.sizeBytes !== sizeBytes) {
    const size = entry.sizeBytes === null ? 'no size' : counted(entry.sizeBytes, 'byte');
    return `${size}, not ${sizeBytes}`;
  }
  if (checksum === null) return undefined;
  const kind = checksum.slice(0, checksum.indexOf(':') + 1);
  const known = entry.checksums.find((one) => one.startsWith(kind));
  return known === undefined || known === checksum ? undefined : `${known}, not ${checksum}`;
}
