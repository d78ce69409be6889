/**
 * The bridge from the schema's fields to a spec's: `spec.job.resources.cpuTime` is
 * `job.resources.cpuTimeSeconds`. Only here is it crossed.
 */
import { valueAt } from './fill.ts';
import type { ChangeClass } from './schema/field.ts';
import { datasetFields } from './schema/fields.ts';
import type { DatasetSpec } from './types.ts';

/** One field of a dataset's spec as its file names it; `value` is undefined where it does not apply. */
export interface SpecValue {
  /** As in `spec.outputs.dst.name`. */
  readonly path: string;
  readonly change: ChangeClass;
  readonly value: unknown;
}

const UNITS = ['', 'Seconds', 'Bytes', 'Ppm'];

/** The fields of a spec whose change class is one of `classes`, in the schema's order. */
export function specValues(spec: DatasetSpec, classes: readonly ChangeClass[]): readonly SpecValue[] {
  const shaped = asWritten(spec);
  const outputs = spec.outputs.map((output) => output.key);
  return datasetFields(classes).flatMap(({ path, change }) =>
    expand(path, outputs).map((each) => ({ path: each.join('.'), change, value: resolved(shaped, each) })),
  );
}

/** A spec in the shape of its document; quantities keep the names they have in the spec. */
function asWritten(spec: DatasetSpec): unknown {
  const { name, labels, outputs, input, ...rest } = spec;
  const { source, ...others } = input;
  const named = Object.entries(source).filter(([key]) => key !== 'kind');
  return {
    metadata: { name, labels },
    spec: {
      ...rest,
      input: { ...others, ...Object.fromEntries(named) },
      outputs: Object.fromEntries(outputs.map(({ key, ...output }) => [key, output])),
    },
  };
}

function expand(path: readonly string[], outputs: readonly string[]): readonly (readonly string[])[] {
  const star = path.indexOf('*');
  return star < 0 ? [path] : outputs.map((key) => path.with(star, key));
}

function resolved(shaped: unknown, path: readonly string[]): unknown {
  const names = UNITS.map((unit) => [...path.slice(0, -1), `${path.at(-1)}${unit}`]);
  return names.map((name) => valueAt(shaped, name)).find((value) => value !== undefined);
}
