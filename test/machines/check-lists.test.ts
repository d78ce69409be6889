import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import * as model from '../../machines/model.ts';

/** Closed lists that the first migration puts into CHECK constraints by name. */
const LISTS: Readonly<Record<string, readonly string[]>> = { ...listsOf(model) };

function listsOf(module: Readonly<Record<string, unknown>>): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(module).flatMap(([name, value]) => (Array.isArray(value) ? [[name, value]] : [])),
  );
}

/** Every migration's text, with the lists it names filled in as the migration does. */
function migrations(): string {
  const folder = new URL('../../db/migrations/', import.meta.url);
  return readdirSync(folder)
    .filter((name) => /^\d{4}-.*\.ts$/.test(name))
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n')
    .replace(/\$\{oneOf\((\w+)\)\}/g, (_, name: string) => {
      assert.ok(LISTS[name], `${name} is a list of the model`);
      return LISTS[name].map((value) => `'${value}'`).join(', ');
    });
}

/** The values a column of a table may have. */
function checked(table: string, column: string): readonly string[] {
  const block = new RegExp(`CREATE TABLE ${table} \\(\\n([\\s\\S]*?)\\n\\)`).exec(migrations())?.[1];
  assert.ok(block, `there is a table ${table}`);
  const list = new RegExp(`^ *${column} text[^\\n]*CHECK \\(${column} IN \\(([^)]*)\\)\\)`, 'm').exec(
    block,
  )?.[1];
  assert.ok(list, `${table}.${column} has a CHECK list`);
  return [...list.matchAll(/'([^']*)'/g)].map(([, value = '']) => value);
}

const CASES = [
  ['input_states', 'state', model.FILE_STATES],
  ['input_states', 'phase', model.PHASES],
  ['input_states', 'fault', model.FAULTS],
  ['input_states', 'class', model.ERROR_CLASSES],
  ['output_states', 'state', model.OUTPUT_STATES],
  ['submission_jobs', 'status', model.JOB_STATES],
  ['submissions', 'phase', model.PHASES],
  ['attempts', 'phase', model.PHASES],
  ['attempts', 'class', model.ERROR_CLASSES],
  ['holds', 'scope', model.HOLD_SCOPES],
  ['holds', 'code', model.HOLD_CODES],
  ['holds', 'ended', model.HOLD_ENDS],
  ['waivers', 'kind', model.WAIVER_KINDS],
] as const;

describe("the database's CHECK lists", () => {
  for (const [table, column, values] of CASES) {
    it(`allow in ${table}.${column} what the machines know, and nothing else`, () => {
      assert.deepEqual(checked(table, column), values);
    });
  }
});
