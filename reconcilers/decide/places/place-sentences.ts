/** What people are told of a place that is another's, and what they can do. */
import type { StorePath } from '../../../machines/model.ts';
import type { Holder, Reader } from '../../model/holders.ts';
import type { DatasetRow } from '../../model/rows.ts';

interface At {
  readonly store: string;
  readonly path: StorePath;
}

interface Wanted extends At {
  readonly outputKey: string | null;
}

type Own = Pick<DatasetRow, 'id' | 'name'>;

/** Says that a place an output is to have belongs to another input. */
export function belongs(wanted: Wanted, owner: Holder, own: Own): string {
  const at = `${wanted.store}:${wanted.path}`;
  if (owner.datasetId === own.id) {
    return `${at} belongs to ${owner.input ?? 'an archive'} of this dataset; give outputs.${wanted.outputKey} a name that tells the two inputs apart, as {name} does`;
  }
  const whose = `${owner.input ?? 'an archive'} of dataset ${owner.dataset}`;
  return (
    `${at} belongs to ${whose}; give outputs.${wanted.outputKey} another name or path. ` +
    `If this is that dataset under a new name: \`rereco dataset rename ${owner.dataset} ${own.name}\`. ` +
    `If no spec asks for that one any more: \`rereco dataset release ${owner.dataset} --because "…"\``
  );
}

/** Says that a raw file lies in the place an output is to have. */
export function isRead(wanted: Wanted, { input, dataset }: Reader, own: Own): string {
  const whose = dataset === own.name ? 'this dataset' : `dataset ${dataset}`;
  return `${wanted.store}:${wanted.path} is the raw file ${input} of ${whose}; give outputs.${wanted.outputKey} another name or path`;
}

/** Says why a file is not deleted or put away. */
export function keptBecause(
  { store, path }: At,
  holder: Holder,
  how: 'belongs to' | 'is the raw file of',
): string {
  return `${store}:${path} ${how} ${holder.input ?? 'an archive'} of dataset ${holder.dataset}; it is kept`;
}
