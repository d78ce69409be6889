/**
 * What a backup is: a tar that tells what is in it.
 *
 *     manifest.json               the types below
 *     campaign/attempts/000001    rows of a table, as PostgreSQL's COPY writes them,
 *     campaign/attempts/000002    cut into pieces anywhere; put together they are the whole
 *     …
 *     checksums.json              {"campaign/attempts": SHA-256 of the pieces together, …}
 *
 * The checksums come last, so that a file that was cut short has none. Whoever has
 * lost this program unpacks the tar, and gives the pieces to `COPY … FROM`.
 */
import { BackupError } from './errors.ts';

export const MANIFEST = 'manifest.json';
export const CHECKSUMS = 'checksums.json';

const FORMAT = 'rereco backup';
const FORMAT_VERSION = 1;

/** `campaign`: what is remembered of campaigns; `catalog`: the embedded catalog's own schema. */
export type PartName = 'campaign' | 'catalog';

export interface TableInBackup {
  readonly name: string;
  /** In the order of the rows' fields. */
  readonly columns: readonly string[];
  readonly rows: number;
}

export interface SequenceValue {
  readonly name: string;
  /** A whole number that may be too large for ours. */
  readonly lastValue: string;
  readonly isCalled: boolean;
}

export interface Part {
  readonly name: PartName;
  /** The schema it was in; it is restored into the one in use then. */
  readonly schema: string;
  /** In the order in which they lie in the file. */
  readonly tables: readonly TableInBackup[];
  readonly sequences: readonly SequenceValue[];
}

export interface Manifest {
  readonly format: typeof FORMAT;
  readonly formatVersion: typeof FORMAT_VERSION;
  /** The version of the program that made it. */
  readonly program: string;
  /** When, by the database's clock. */
  readonly madeMs: number;
  readonly postgres: string;
  readonly installation: { readonly id: string; readonly serial: number };
  /** Those applied to the campaign's schema, oldest first. */
  readonly migrations: readonly string[];
  readonly parts: readonly Part[];
}

/** A manifest from what is known when a backup begins. */
export function newManifest(known: Omit<Manifest, 'format' | 'formatVersion'>): Manifest {
  return { format: FORMAT, formatVersion: FORMAT_VERSION, ...known };
}

/** The parts by their names. @throws BackupError when there is no campaign in it */
export function partsOf({ parts }: Manifest): { readonly campaign: Part; readonly catalog: Part | null } {
  const campaign = parts.find(({ name }) => name === 'campaign');
  if (campaign === undefined) throw new BackupError('the backup has no campaign in it');
  return { campaign, catalog: parts.find(({ name }) => name === 'catalog') ?? null };
}

/** Where a table's pieces lie in the tar, without the number of the piece. */
export function placeOf(part: Pick<Part, 'name'>, table: Pick<TableInBackup, 'name'>): string {
  return `${part.name}/${encodeURIComponent(table.name)}`;
}

/**
 * Read a manifest's text.
 *
 * @param file  named in errors
 * @throws BackupError when it is no manifest, or one of a format that this program does not know
 */
export function parseManifest(text: string, file: string): Manifest {
  const found = parsed(text);
  if (!isRecord(found) || found.format !== FORMAT) {
    throw new BackupError(`${file} is not a backup of rereco, or its ${MANIFEST} is damaged`);
  }
  if (found.formatVersion !== FORMAT_VERSION) {
    throw new BackupError(
      `${file} is a backup of format ${found.formatVersion}, made by rereco ${found.program}; ` +
        `this program reads format ${FORMAT_VERSION}: install the newer rereco`,
    );
  }
  if (!isManifest(found)) throw new BackupError(`${file} is damaged: its ${MANIFEST} is not whole`);
  return found;
}

/** Read the checksums' text; an empty map where it is no such thing. */
export function parseChecksums(text: string): ReadonlyMap<string, string> {
  const found = parsed(text);
  if (!isRecord(found)) return new Map();
  return new Map(Object.entries(found).filter((entry): entry is [string, string] => isText(entry[1])));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Claim = (value: unknown) => boolean;

const isText = (value: unknown): value is string => typeof value === 'string';
const isCount: Claim = (value) => Number.isSafeInteger(value);
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isListOf =
  (claim: Claim): Claim =>
  (value) =>
    Array.isArray(value) && value.every(claim);
const hasFields =
  (claims: Readonly<Record<string, Claim>>): Claim =>
  (value) =>
    isRecord(value) && Object.entries(claims).every(([field, claim]) => claim(value[field]));

const isTable = hasFields({ name: isText, columns: isListOf(isText), rows: isCount });
const isSequence = hasFields({
  name: isText,
  lastValue: (value) => isText(value) && /^-?[0-9]+$/.test(value),
  isCalled: (value) => typeof value === 'boolean',
});
const isPart = hasFields({
  name: (value) => value === 'campaign' || value === 'catalog',
  schema: isText,
  tables: isListOf(isTable),
  sequences: isListOf(isSequence),
});
const isWhole = hasFields({
  program: isText,
  madeMs: isCount,
  postgres: isText,
  installation: hasFields({ id: isText, serial: isCount }),
  migrations: isListOf(isText),
  parts: isListOf(isPart),
});

function isManifest(value: unknown): value is Manifest {
  return isWhole(value);
}
