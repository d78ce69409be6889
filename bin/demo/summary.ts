/** What the demonstration tells at its end, read from the database and the catalog. */
import path from 'node:path';
import type { Database } from '../../db/database.ts';
import { readArchives, readLocated, readTries, type TryLine } from '../../db/queries/demo-summary.ts';
import { type Ledger, readLedger } from '../../db/queries/ledger.ts';
import { counted } from '../../reconcilers/model/counted.ts';
import type { DatasetRow } from '../../reconcilers/model/rows.ts';
import type { Totals } from '../../reconcilers/model/totals.ts';
import type { Catalog } from '../../reconcilers/ports/catalog.ts';
import { bytes } from '../print/table.ts';
import { wrapped } from '../print/wrap.ts';
import { countsText } from './live-view.ts';

export interface Summary {
  readonly totals: Totals;
  readonly tries: readonly TryLine[];
  readonly ledger: Ledger;
  readonly archives: readonly string[];
  /** Outputs that the catalog itself knows with a place, and their events there. */
  readonly declared: { readonly files: number; readonly events: number };
}

/** Ask everything the summary tells. */
export async function readSummary(
  { knex }: Database,
  catalog: Catalog,
  dataset: DatasetRow,
  totals: Totals,
  signal: AbortSignal,
): Promise<Summary> {
  const archives = await readArchives(knex, dataset.id);
  const { stores } = dataset.loaded.site;
  const known = await catalog.describe(await readLocated(knex, dataset.id), Date.now(), signal);
  const located = [...known.found.values()].filter(({ locations }) => locations.length > 0);
  return {
    totals,
    tries: await readTries(knex, dataset.id),
    ledger: await readLedger(knex, dataset.id),
    archives: archives.map((archive) => path.join(stores[archive.store]?.root ?? '', archive.path)),
    declared: {
      files: located.length,
      events: located.reduce((sum, file) => sum + (file.eventCount ?? 0), 0),
    },
  };
}

/** The summary as people read it. @param from  paths are told relative to it */
export function summaryText(summary: Summary, from: string): string {
  const { totals, tries, ledger, archives, declared } = summary;
  const cpuSeconds = tries.reduce((sum, line) => sum + line.cpuMs, 0) / 1000;
  const rows = [
    ['files', countsText(totals.inputs)],
    ...Object.entries(totals.outputs).map(([key, states]) => [key, countsText(states)]),
    ...phaseRows(tries),
    ['CPU time', `${cpuSeconds.toFixed(1)} s of reconstruction`],
    ['events', ledgerText(ledger)],
    ['declared', `${counted(declared.files, 'file')} with ${declared.events} events and their places`],
    ['logs', archives.map((archive) => path.relative(from, archive)).join(', ')],
  ];
  return rows.map(([head = '', text = '']) => lineOf(head, text)).join('\n');
}

const HEAD_WIDTH = 11;

function lineOf(head: string, text: string): string {
  return `${head.padEnd(HEAD_WIDTH)}${wrapped(text, ' '.repeat(HEAD_WIDTH)).trimStart()}`;
}

const ORDER = [
  { phase: 'transfer', head: 'came', noun: 'copies' },
  { phase: 'process', head: 'jobs', noun: 'jobs' },
  { phase: 'export', head: 'went back', noun: 'copies' },
] as const;

/** A line a phase: how many tries of each number ended how, and the bytes that arrived. */
function phaseRows(tries: readonly TryLine[]): readonly (readonly string[])[] {
  return ORDER.map(({ phase, head, noun }) => {
    const lines = tries.filter((line) => line.phase === phase);
    const numbers = [...new Set(lines.map(({ nth }) => nth))];
    const texts = numbers.map((nth) => {
      const ends = lines.filter((line) => line.nth === nth);
      const counts = Object.fromEntries(ends.map(({ state, attempts }) => [state, attempts]));
      return `${nth}: ${countsText(counts)}`;
    });
    const moved = lines
      .filter(({ state }) => state === 'accepted')
      .reduce((sum, line) => sum + line.bytes, 0);
    const size = phase === 'process' ? `${bytes(moved)} read` : `${bytes(moved)} moved`;
    return [head, `${noun} by attempt ${texts.join('; ')} (${size})`];
  });
}

function ledgerText({ catalog, read, skipped, failed, pending, balanced }: Ledger): string {
  const sums = `${catalog.events} = ${read.events} read + ${skipped} skipped + ${failed.events} failed + ${pending.events} pending`;
  return `${sums}: ${balanced ? 'balanced' : 'not balanced'}`;
}
