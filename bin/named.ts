/** From what a person typed to what is on record, or an error that helps to type it right. */
import type { Knex } from 'knex';
import { findArriving } from '../db/queries/arriving.ts';
import { findFiles, findShortened, type NamedFile, namesLike } from '../db/queries/names.ts';
import type { DatasetRow } from '../reconcilers/model/rows.ts';
import { nearest, suggestion } from '../specs/nearest.ts';
import { UserError } from './failure.ts';
import { namesMeant, oneLine, shown } from './print/shown.ts';
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
 * @param typed  the name as it is, or as a list shows it: with escapes, or with … for its middle
 * @throws UserError for an unknown name, with names near it, for one of several datasets, and for
 *   one that may be several
 */
export async function filesNamed(
  knex: Knex,
  typed: string,
  dataset: string | null,
): Promise<readonly [NamedFile, ...NamedFile[]]> {
  const found = await filesMeant(knex, typed, dataset);
  const [newest, ...older] = found;
  if (newest === undefined) throw new UserError(await unknownFile(knex, typed, dataset));
  const datasets = [...new Set(found.map((file) => file.dataset))];
  if (datasets.length > 1) {
    throw new UserError(
      `${shown(newest.name)} is in ${datasets.toSorted().join(', ')}: say which with --dataset`,
    );
  }
  return [newest, ...older];
}

/**
 * The names of files of some datasets that were typed, each as it is on record.
 *
 * @param datasets  all where none is named
 * @throws UserError for a name that no file of the datasets has
 */
export async function namesTyped(
  knex: Knex,
  typed: readonly string[],
  datasets: readonly string[],
): Promise<readonly string[]> {
  const names: string[] = [];
  for (const one of typed) {
    const found = await filesMeant(knex, one, null);
    const meant = found.find((file) => datasets.length === 0 || datasets.includes(file.dataset));
    const elsewhere = found[0] === undefined ? null : datasets.join(' or ');
    if (meant === undefined) throw new UserError(await unknownFile(knex, one, elsewhere));
    names.push(meant.name);
  }
  return names;
}

/** The files of the one name that was typed. @throws UserError where it may be several names */
async function filesMeant(knex: Knex, typed: string, dataset: string | null): Promise<readonly NamedFile[]> {
  const exact = await findFiles(knex, namesMeant(typed), dataset);
  const [start, ...rest] = typed.split(LEFT_OUT);
  const isShortened = exact.length === 0 && rest.length === 1;
  const ends = { start: namesMeant(start ?? '').at(-1) ?? '', end: namesMeant(rest.join('')).at(-1) ?? '' };
  const found = isShortened ? await findShortened(knex, ends, dataset) : exact;
  const names = [...new Set(found.map(({ name }) => name))];
  if (names.length > 1) {
    const more = names.length > SHOWN ? `, … (${names.length} of them)` : '';
    throw new UserError(`${typed} may be ${names.slice(0, SHOWN).map(shown).join(', ')}${more}: say which`);
  }
  return found;
}

/** Stands for the middle of a name that was too long for a terminal. */
const LEFT_OUT = '…';

/** How many names are shown where it is not clear which was meant. */
const SHOWN = 3;

async function unknownFile(knex: Knex, typed: string, dataset: string | null): Promise<string> {
  const meant = namesMeant(typed);
  const elsewhere = dataset === null ? [] : await findFiles(knex, meant, null);
  if (elsewhere[0] !== undefined) {
    return `dataset ${dataset} has no file ${typed}; ${elsewhere[0].dataset} has`;
  }
  const arriving = await findArriving(knex, meant);
  if (arriving !== undefined) {
    return `there is no file ${typed} yet: ${oneLine(arriving.path)} may still be written, and becomes one of dataset ${arriving.dataset} once it stays the same (input.settleFor)`;
  }
  const [known] = await knex('datasets').where({ name: typed }).limit(1);
  if (known !== undefined) return `there is no file ${typed}, but a dataset: --dataset ${typed} names it`;
  const candidates = await namesLike(knex, typed);
  const near = nearest(typed, candidates);
  const names = (near === undefined ? candidates.slice(0, SHOWN) : [near]).map(shown);
  const hint = names.length === 0 ? '`rereco get files` lists them' : `did you mean ${names.join(', ')}?`;
  return `there is no file ${typed}; ${hint}`;
}

/** A text option; null when it was not given. */
export function optional(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
