/** What the schema says of a field, as people read it. */
import type { Explanation } from '../../specs/explain.ts';
import { wrapped } from './wrap.ts';

/** What a change of a field does to work that is done or begun; a group does what its fields do. */
const CHANGES: Readonly<Record<Explanation['change'], string>> = {
  'in place': 'in place: it holds from the next pass on',
  'next submission': 'next submission: it holds for what is submitted from then on',
  're-run': 're-run: results change; files already done are processed again where onChange says so',
  forbidden: 'forbidden: once applied it stays as it is',
};

/** The lines of one explanation, none longer than `width` where words allow. */
export function explanationLines(said: Explanation, width: number): readonly string[] {
  const { path, kinds, type, description, fields } = said;
  const what = path === '' ? 'a document' : path;
  const facts = [
    ...(isTold(said.default) ? [`default: ${valueText(said.default)}`] : []),
    ...(isTold(said.example) ? [`example: ${valueText(said.example)}`] : []),
    ...(fields.length > 0 ? [] : [`change: ${CHANGES[said.change]}`]),
  ];
  return [
    `${what} (${kinds.join(', ')}): ${type}`,
    '',
    wrapped(description, '  ', width),
    ...(facts.length === 0 ? [] : ['', ...facts.map((fact) => wrapped(fact, '  ', width))]),
    ...(fields.length === 0 ? [] : ['', ...fieldLines(fields, width)]),
  ];
}

function fieldLines(fields: Explanation['fields'], width: number): readonly string[] {
  const column = Math.max(...fields.map(({ name }) => name.length)) + 4;
  const line = ({ name, description, required }: Explanation['fields'][number]) => {
    const text = wrapped(`${required ? '(needed) ' : ''}${description}`, ' '.repeat(column), width);
    return `  ${name.padEnd(column - 2)}${text.slice(column)}`;
  };
  return ['fields:', ...fields.map(line)];
}

/** A group without a default of its own has the empty one. */
function isTold(value: unknown): boolean {
  const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return value !== undefined && !isEmpty;
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
