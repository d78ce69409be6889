/**
 * Templates of names, paths and commands: `{stem}.dst`, `{output.dst}`; a brace
 * that is meant as such is written twice.
 */

/** A template nobody can render: a stray brace, or a placeholder without a value. */
export class TemplateError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TemplateError';
  }
}

/** A piece of a template: text as it is, or the name of a placeholder. */
export type Part = { readonly kind: 'text' | 'name'; readonly value: string };

const TOKENS = /\{\{|\}\}|\{([A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_.-]*)?)\}|[{}]|[^{}]+/g;

/**
 * The text with every placeholder replaced; values are inserted as they are, so
 * callers quote for a shell where one reads the text.
 *
 * @throws TemplateError on a stray brace, and on a placeholder that `values` has not
 */
export function render(template: string, values: Readonly<Record<string, string | number>>): string {
  return templateParts(template)
    .map((part) => (part.kind === 'text' ? part.value : String(valueFor(part.value, values))))
    .join('');
}

/**
 * The names a template needs, each once, in order of appearance.
 *
 * @throws TemplateError on a stray brace
 */
export function placeholders(template: string): readonly string[] {
  const names = templateParts(template).flatMap((part) => (part.kind === 'name' ? [part.value] : []));
  return [...new Set(names)];
}

/**
 * The values a file's own name gives to templates: `{stem}{ext}` is always `{name}`.
 *
 * @returns `ext` with its dot, empty where the name has none; a leading dot begins no extension
 */
export function nameValues(name: string): {
  readonly name: string;
  readonly stem: string;
  readonly ext: string;
} {
  const dot = name.lastIndexOf('.');
  if (dot <= 0) return { name, stem: name, ext: '' };
  return { name, stem: name.slice(0, dot), ext: name.slice(dot) };
}

/** A template piece by piece. @throws TemplateError on a stray brace */
export function templateParts(template: string): readonly Part[] {
  return [...template.matchAll(TOKENS)].map(([token, name]) => {
    if (name !== undefined) return { kind: 'name', value: name };
    if (token === '{{') return { kind: 'text', value: '{' };
    if (token === '}}') return { kind: 'text', value: '}' };
    if (token === '{' || token === '}') {
      throw new TemplateError(
        `a ${token} that is no part of a {placeholder}; a literal one is written ${token}${token}`,
      );
    }
    return { kind: 'text', value: token };
  });
}

function valueFor(name: string, values: Readonly<Record<string, string | number>>): string | number {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined) throw new TemplateError(`no value for {${name}}`);
  return value;
}
