import { KINDS } from './document.ts';
import type { ChangeClass, Schema } from './field.ts';

/** One field of a kind of document that changes as one; `*` stands for a name of the user's choice. */
export interface Field {
  readonly kind: string;
  readonly path: readonly string[];
  readonly change: ChangeClass;
  readonly schema: Schema;
}

/**
 * Every field that holds a value (not a group of others), in the schema's order.
 *
 * @param root  when given, only those whose path begins with it
 */
export function fieldsOf(root?: string): readonly Field[] {
  return Object.entries(KINDS)
    .flatMap(([kind, schema]) => below(kind, [], schema))
    .filter((field) => root === undefined || field.path[0] === root);
}

/** The fields of a dataset whose change has one of the classes. */
export function datasetFields(classes: readonly ChangeClass[]): readonly Field[] {
  return fieldsOf().filter((field) => field.kind === 'Dataset' && classes.includes(field.change));
}

function below(kind: string, path: readonly string[], schema: Schema): readonly Field[] {
  if (schema.type === 'object' && schema.properties !== undefined) {
    return Object.entries(schema.properties).flatMap(([name, field]) => below(kind, [...path, name], field));
  }
  const each = schema.additionalProperties;
  if (typeof each === 'object' && each.properties !== undefined) return below(kind, [...path, '*'], each);
  return [{ kind, path, change: schema['x-change'] ?? 'in place', schema }];
}
