/** Whose a document is: a spec, a spec that is misspelt, or one of another program. */
import { type Path, placed, type SpecDocument } from './document.ts';
import { valueAt } from './fill.ts';
import { nearest } from './nearest.ts';
import { API_VERSION } from './schema/dataset.ts';
import { KINDS } from './schema/document.ts';
import { shown, wordOf } from './shown.ts';
import type { SpecProblem } from './types.ts';

/** `foreign` has the problem that the document is where it cannot be another program's. */
export type Belonging =
  | { readonly is: 'spec' }
  | { readonly is: 'misspelt'; readonly problem: SpecProblem }
  | { readonly is: 'foreign'; readonly problem: SpecProblem };

/**
 * Say whose a document is.
 *
 * Misspelt is what nobody else would write: a version or a kind near ours, or fields as only our
 * documents have them. To pass over such a document would orphan its dataset without a word.
 */
export function belongingOf(document: SpecDocument): Belonging {
  const { value } = document;
  const say = (path: Path, sentence: string) => placed(document, { path, sentence });
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const sentence = 'is no spec; a spec is a map of apiVersion, kind, metadata and spec';
    return { is: 'misspelt', problem: say([], sentence) };
  }
  const version = valueAt(value, ['apiVersion']);
  if (version === undefined || version === null)
    return { is: 'misspelt', problem: noVersion(document, value) };
  if (wordOf(version).startsWith('rereco/')) return { is: 'spec' };

  const sentence = `${shown(version)} is none of ours; write ${API_VERSION}`;
  const problem = say(['apiVersion'], sentence);
  if (/rereco/i.test(wordOf(version)) || nearest(wordOf(version), [API_VERSION]) !== undefined) {
    return {
      is: 'misspelt',
      problem: say(['apiVersion'], `there is no ${shown(version)}; did you mean ${API_VERSION}?`),
    };
  }
  return { is: kindMeant(value) === undefined ? 'foreign' : 'misspelt', problem };
}

function noVersion(document: SpecDocument, value: object): SpecProblem {
  const meant = Object.keys(value).find((key) => nearest(key, ['apiVersion']) !== undefined);
  const write = `write apiVersion: ${API_VERSION}`;
  if (meant === undefined)
    return placed(document, { path: ['apiVersion'], sentence: `is missing; ${write}` });
  const sentence = `unknown field; did you mean apiVersion? ${write}`;
  return placed(document, { path: [meant], sentence, at: 'key' });
}

/** The kind that a document is most likely meant to be, by its kind or by the fields that only that has. */
function kindMeant(value: unknown): string | undefined {
  const kind = valueAt(value, ['kind']);
  const near = typeof kind === 'string' ? nearest(kind, Object.keys(KINDS)) : undefined;
  if (near !== undefined) return near;
  const has = (field: string) => valueAt(value, ['spec', field]) !== undefined;
  if (has('stores')) return 'Site';
  return has('input') && (has('job') || has('outputs')) ? 'Dataset' : undefined;
}

/** Whether a document that is no valid site may be meant as one: which site others have is then not known. */
export function mayBeSite(document: SpecDocument): boolean {
  return kindMeant(document.value) === 'Site';
}

/** Whether a text that cannot be parsed may hold a site. */
export function mayHoldSite(text: string): boolean {
  return /\bkind["']?\s*:\s*["']?\bsit/i.test(text) || /^\s*["']?stores["']?\s*:/m.test(text);
}

/** A text of which all is parsed, whatever it says. */
const SHORT = 200_000;

/** Whether a long text is one of another program, without parsing it, which would only take time. */
export function isLongAndForeign(text: string): boolean {
  return (
    text.length > SHORT && !/rereco/i.test(text) && !/\bkind["']?\s*:\s*["']?(Dataset|Site)\b/i.test(text)
  );
}
