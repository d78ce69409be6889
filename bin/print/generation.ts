/** A new generation of a dataset, as people are told of it. */
import type { NewGeneration } from '../../reconcilers/daemon/datasets.ts';
import { changes } from '../../specs/changes.ts';

/** So many fields are named; the others are counted. */
const FIELDS_NAMED = 8;

/** The fields in which a generation differs from the one before; none of the first. */
export function changedFields({ before, after }: NewGeneration): readonly string[] {
  if (before === null) return [];
  const fields = changes(before.loaded.spec, after.loaded.spec).map(({ path }) => path);
  const [was, is] = [before.loaded.site, after.loaded.site].map((site) => JSON.stringify(site));
  return was === is ? fields : [...fields, 'its site'];
}

/** `generationLine` says which generation is in force, what it changes, and in which commit. */
export function generationLine(generation: NewGeneration): string {
  const { before, after } = generation;
  const { origin, revision } = after.loaded;
  const fields = changedFields(generation);
  const more = fields.length > FIELDS_NAMED ? ` and ${fields.length - FIELDS_NAMED} more` : '';
  const what = `${fields.slice(0, FIELDS_NAMED).join(', ')}${more} changed`;
  const changed = before === null ? 'new' : fields.length === 0 ? 'asked for again' : what;
  const results =
    before === null || before.loaded.revision === revision ? '' : `; processing revision ${revision}`;
  const by = origin.author === null ? '' : ` by ${origin.author}`;
  const commit = origin.commit === null ? 'not committed' : `commit ${origin.commit.slice(0, 12)}${by}`;
  return `${after.name}: generation ${after.generation} is applied: ${changed} (${commit})${results}`;
}
