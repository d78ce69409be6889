/** From what a person typed to what is on record, or an error that helps to type it right. */
import type { Knex } from 'knex';
import { findArriving } from '../db/queries/arriving.ts';
import { findFiles, type NamedFile, namesLike } from '../db/queries/names.ts';
import type { DatasetRow } from '../reconcilers/model/rows.ts';
import { nearest, suggestion } from '../specs/nearest.ts';
import { UserError } from './failure.ts';
import type { Session } from './session.ts';

/** The database of a session that only looks. @throws UserError where there is none yet */
export function recordsOf({ database }: Session): Knex {
  if (database !== null) return database.knex;
  throw new UserError('nothing is on record yet: write a spec, then `rereco reconcile`');
}

/** The datasets of these names; all where none is named. @throws UserError for a name that is not on record */
export async function datasetsNamed(
  { records }: Session,
  names: readonly string[],
): Promise<readonly DatasetRow[]> {
  const all = await records.datasets();
  const known = all.map((row) => row.name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UserError(`there is no dataset ${unknown}; ${suggestion(unknown, known)}`);
  }
  return names.length === 0 ? all : all.filter((row) => names.includes(row.name));
}

/**
 * The files of a name in one dataset: one, or an output that was made more than once, newest first.
 *
 * @throws UserError for an unknown name, with names near it, and for one of several datasets
 */
export async function filesNamed(
  knex: Knex,
  name: string,
  dataset: string | null,
): Promise<readonly [NamedFile, ...NamedFile[]]> {
  const found = await findFiles(knex, name, dataset);
  const [newest, ...older] = found;
  if (newest === undefined) throw new UserError(await unknownFile(knex, name, dataset));
  const datasets = [...new Set(found.map((file) => file.dataset))];
  if (datasets.length > 1) {
    throw new UserError(`${name} is in ${datasets.toSorted().join(', ')}: say which with --dataset`);
  }
  return [newest, ...older];
}

/** @throws UserError for a name that no file of the datasets has; all datasets where none is named */
export async function checkNames(
  knex: Knex,
  names: readonly string[],
  datasets: readonly string[],
): Promise<void> {
  for (const name of names) {
    const found = await findFiles(knex, name, null);
    if (found.some((file) => datasets.length === 0 || datasets.includes(file.dataset))) continue;
    const elsewhere = found[0] === undefined ? null : datasets.join(' or ');
    throw new UserError(await unknownFile(knex, name, elsewhere));
  }
}

/** How many near names are shown where none is near enough to be the one that was meant. */
const SHOWN = 3;

async function unknownFile(knex: Knex, name: string, dataset: string | null): Promise<string> {
  const elsewhere = dataset === null ? [] : await findFiles(knex, name, null);
  if (elsewhere[0] !== undefined) {
    return `dataset ${dataset} has no file ${name}; ${elsewhere[0].dataset} has`;
  }
  const arriving = await findArriving(knex, name);
  if (arriving !== undefined) {
    return `there is no file ${name} yet: ${arriving.path} may still be written, and becomes one of dataset ${arriving.dataset} once it stays the same (input.settleFor)`;
  }
  const candidates = await namesLike(knex, name);
  const meant = nearest(name, candidates);
  const near = meant === undefined ? candidates.slice(0, SHOWN) : [meant];
  const hint = near.length === 0 ? '`rereco get files` lists them' : `did you mean ${near.join(', ')}?`;
  return `there is no file ${name}; ${hint}`;
}

/** A text option; null when it was not given. */
export function optional(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
