/**
 * The schema's part of validation: what is wrong with a document's fields one by one,
 * in sentences, and the document without them.
 */
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import type { Issue, Path } from './document.ts';
import { once } from './once.ts';
import { KINDS } from './schema/document.ts';
import type { Schema } from './schema/field.ts';
import { sentenceOf } from './sentences.ts';

/** What the schema says of a document. */
export interface Checked {
  readonly issues: readonly Issue[];
  /** A copy without the fields that are wrong, so that the rules after this can go on. */
  readonly sound: unknown;
}

/** Each kind by itself, so that no message speaks of the other. Compiling takes longer than most commands. */
const VALIDATORS = new Map(
  Object.entries(KINDS).map(([kind, schema]) => [kind, once(() => compile(schema))]),
);

function compile(schema: Schema) {
  const ajv = new Ajv2020({ allErrors: true, verbose: true, allowUnionTypes: true, strictTypes: false });
  ajv.addVocabulary(['x-change', 'x-unit', 'x-words', 'x-must']);
  return ajv.compile(schema);
}

/** Problems of one document that are shown. */
const MOST_ISSUES = 100;

/**
 * Hold a document against the schema of its kind.
 *
 * @param kind  a kind of {@link KINDS}
 */
export function check(kind: string, value: unknown): Checked {
  const validate = VALIDATORS.get(kind)?.();
  if (validate === undefined || validate(value)) return { issues: [], sound: value };

  const sound = structuredClone(value);
  const issues = new Map<string, Issue>();
  for (const error of validate.errors ?? []) {
    if (error.keyword === 'propertyNames' || error.keyword === 'if') continue;
    const place = placeOf(error, value);
    remove(sound, place.path, error.keyword);
    // A wrong value often fails several keywords; the first, its type, says it best.
    const key = JSON.stringify(place.path);
    if (issues.has(key) || issues.size >= MOST_ISSUES) continue;
    // ajv types the schema as any; with `verbose` it is the part of ours that failed.
    const schema = error.parentSchema as Schema;
    issues.set(key, { ...place, sentence: sentenceOf(error, schema, pathOf(error.instancePath, value)) });
  }
  return { issues: [...issues.values()], sound };
}

function placeOf(error: ErrorObject, value: unknown): Omit<Issue, 'sentence'> {
  const here = pathOf(error.instancePath, value);
  if (error.propertyName !== undefined) return { path: [...here, error.propertyName], at: 'key' };
  if (error.keyword === 'additionalProperties') {
    return { path: [...here, String(error.params.additionalProperty)], at: 'key' };
  }
  if (error.keyword === 'required') return { path: [...here, String(error.params.missingProperty)] };
  return { path: here };
}

/** A JSON pointer as keys and indexes: a number is an index only where the value is a list. */
function pathOf(pointer: string, value: unknown): Path {
  const parts = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  let node = value;
  return parts.map((part) => {
    const key = Array.isArray(node) ? Number(part) : part;
    node = below(node, key);
    return key;
  });
}

function below(node: unknown, key: string | number): unknown {
  return typeof node === 'object' && node !== null && Object.hasOwn(node, key)
    ? Reflect.get(node, key)
    : undefined;
}

/** Take the wrong part out of a copy; a list loses all its items, or the paths of the others would shift. */
function remove(root: unknown, wrong: Path, keyword: string): void {
  if (keyword === 'required' || keyword === 'minProperties' || wrong.length === 0) return;
  const inList = Array.isArray(wrong.slice(0, -1).reduce(below, root));
  const path = inList ? wrong.slice(0, -1) : wrong;
  const parent = path.slice(0, -1).reduce(below, root);
  const key = path.at(-1);
  if (typeof parent === 'object' && parent !== null && key !== undefined) Reflect.deleteProperty(parent, key);
}
