import { canonical } from './revision.ts';
import type { ChangeClass } from './schema/field.ts';
import { CHANGE_CLASSES } from './schema/field.ts';
import { type SpecValue, specValues } from './spec-values.ts';
import type { DatasetSpec } from './types.ts';

/** One field that differs between two specs of a dataset. */
export interface SpecChange {
  /** As in `spec.outputs.dst.name`. */
  readonly path: string;
  readonly class: ChangeClass;
  /** undefined: not there, as the fields of a new output. */
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * The fields in which two specs of a dataset differ, strongest class first.
 *
 * Another input is `forbidden` by its class; whether the sets of files are disjoint, and so
 * whether it is refused, can be said only when both are known.
 */
export function changes(before: DatasetSpec, after: DatasetSpec): readonly SpecChange[] {
  const old = byPath(specValues(before, CHANGE_CLASSES));
  const current = byPath(specValues(after, CHANGE_CLASSES));
  const differing = [...new Set([...old.keys(), ...current.keys()])].flatMap(
    (path): readonly SpecChange[] => {
      const [was, is] = [old.get(path), current.get(path)];
      if (canonical(was?.value) === canonical(is?.value)) return [];
      return [{ path, class: (is ?? was)?.change ?? 'in place', before: was?.value, after: is?.value }];
    },
  );
  return differing.sort((a, b) => CHANGE_CLASSES.indexOf(b.class) - CHANGE_CLASSES.indexOf(a.class));
}

function byPath(values: readonly SpecValue[]): ReadonlyMap<string, SpecValue> {
  return new Map(values.map((value) => [value.path, value]));
}
