/**
 * What would be remembered, for a dry run: what is on record, where there is a
 * record, and in memory what the specs would add to it. Nothing can be written.
 */

import { BY_RULE } from '../../machines/model.ts';
import type { Member, MembersTaken, Records } from '../model/records.ts';
import type { DatasetRow, InputRow } from '../model/rows.ts';
import type { PageScope } from '../model/scope.ts';
import { totalBytes } from '../model/steps.ts';
import type { Totals } from '../model/totals.ts';
import { previewArrivals } from './preview-arrivals.ts';
import { type Answered, asAnswered } from './preview-page.ts';
import { NO_BYTES, NO_TOTALS, newDataset, newInput, pageOf } from './preview-rows.ts';
import { previewSweeping } from './preview-sweeping.ts';

/** @param base  the records read from; null where there is no database: an empty memory */
export function previewRecords(base: Records | null, clock: () => number): Records {
  const previewed = new Map<string, DatasetRow>();
  const answers = new Map<string, Answered>();
  const arrivals = previewArrivals(base);
  const refuse = () => Promise.reject(new Error('a dry run writes nothing; please report'));
  const datasets = async () => {
    const known = (await base?.datasets()) ?? [];
    const kept = known.filter((row) => !previewed.has(row.name));
    return [...kept, ...previewed.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  };
  const baseTotals = async (dataset: DatasetRow) =>
    dataset.id < 0 || base === null ? NO_TOTALS : base.totals(dataset);

  return {
    now: () => base?.now() ?? Promise.resolve(clock()),
    installation: () => base?.installation() ?? Promise.resolve({ id: 'new', serial: 0 }),
    datasets,
    async dataset(name) {
      return previewed.get(name) ?? (await base?.dataset(name)) ?? Promise.reject(new Error(`no ${name}`));
    },

    async apply(loaded) {
      const known = (await base?.datasets())?.find((row) => row.name === loaded.spec.name);
      const row: DatasetRow = known
        ? { ...known, loaded, generation: known.generation + 1, orphanedMs: null }
        : newDataset(-1 - previewed.size, loaded);
      previewed.set(row.name, row);
      return row;
    },

    async members(dataset, ask, how) {
      const { files, known, twice } = await readAnswer(base, dataset, ask());
      const arriving = await arrivals.keepApart(dataset, files, known, how);
      const before = sum(await baseTotals(dataset));
      const added = [...files.values()].filter(({ name }) => !known.has(name)).map(newInput);
      const gone = how.onlyGrows ? 0 : Math.max(0, before - known.size);
      const counts = { known: before, answered: files.size, added: added.length, gone };
      const summary = { ...counts, corrected: 0, contradicted: 0, arriving: arriving.length, twice };
      const verdict = how.decide(summary);
      const held = typeof verdict === 'object' && 'hold' in verdict ? verdict.hold : null;
      if (verdict === 'apply') {
        const { input } = dataset.loaded.spec;
        const corrects = input.source.kind !== 'files' || input.settleForSeconds === 0;
        const { onlyGrows } = how;
        answers.set(dataset.name, { added, named: files, onlyGrows, corrects, inputStore: input.store });
      }
      previewed.set(dataset.name, {
        ...{ ...dataset, holds: holdsOf(dataset, held, how.now), ...asked(dataset, held, how) },
        arrivingSinceMs: arriving.length === 0 ? null : (how.listedMs?.() ?? how.now),
      });
      return { ...summary, held, moved: 0 };
    },
    arrivals: (dataset) => arrivals.of(dataset),
    async *inPlace() {},
    noteChanged: async () => 0,
    async *namesToFollow(dataset) {
      if (dataset.id >= 0 && base !== null) yield* base.namesToFollow(dataset);
    },
    async correct(dataset, answer) {
      const { files } = await readAnswer(null, dataset, answer);
      const inputStore = dataset.loaded.spec.input.store;
      const asked = { added: [], named: files, onlyGrows: true, corrects: true, inputStore };
      if (files.size > 0) answers.set(dataset.name, asked);
      return { corrected: 0, moved: 0 };
    },
    knownAmong: async (dataset, names) =>
      dataset.id < 0 ? new Set() : ((await base?.knownAmong(dataset, names)) ?? new Set()),

    room: (site, mostJobs) => base?.room(site, mostJobs) ?? Promise.resolve(mostJobs),
    async totals(dataset) {
      const totals = await baseTotals(dataset);
      const arriving = arrivals.told(dataset) ?? totals.arriving;
      return { ...withAdded(totals, answers.get(dataset.name)?.added ?? []), arriving };
    },

    async bytes(dataset) {
      const bytes = dataset.id < 0 || base === null ? NO_BYTES : await base.bytes(dataset);
      const pending = totalBytes(answers.get(dataset.name)?.added ?? []);
      return { ...bytes, inputs: { ...bytes.inputs, pending: bytes.inputs.pending + pending } };
    },

    async *pages(dataset, scope) {
      const answer = answers.get(dataset.name);
      if (dataset.id >= 0 && base !== null) {
        for await (const page of base.pages(dataset, scope)) yield asAnswered(page, answer);
      }
      yield* newPages(answer?.added ?? [], scope);
    },

    descents: async (dataset, members) => (await base?.descents(dataset, members)) ?? [],
    noteOrigins: async () => {},
    owners: async (places) => (await base?.owners(places)) ?? [],
    readers: async (names) => (await base?.readers(names)) ?? [],
    toldOf: async (dataset, files, kinds) =>
      dataset.id < 0 ? [] : ((await base?.toldOf(dataset, files, kinds)) ?? []),

    sweeping: previewSweeping(base?.sweeping ?? null),
    markedPlaces: (site) => base?.markedPlaces(site) ?? Promise.resolve(new Set()),
    async orphan(dataset, orphaned, now) {
      previewed.set(dataset.name, { ...dataset, orphanedMs: orphaned ? now : null });
    },
    noteHolds: async () => {},
    tell: async () => {},
    health: async () => {},
    answered: async () => {},
    noteMarked: refuse,
    raiseSerial: refuse,
    lease: refuse,
    renew: refuse,
    release: refuse,
    write: refuse,
  };
}

/** An answer read to its end, which of its names are on record, and one that it has twice. */
async function readAnswer(
  base: Records | null,
  dataset: DatasetRow,
  answer: AsyncIterable<readonly Member[]>,
) {
  const files = new Map<string, Member>();
  const known = new Set<string>();
  let twice: string | null = null;
  for await (const members of answer) {
    for (const member of members) {
      if (files.has(member.name)) twice ??= member.name;
      files.set(member.name, member);
    }
    if (base === null || dataset.id < 0) continue;
    const names = members.map((member) => member.name);
    for (const name of await base.knownAmong(dataset, names)) known.add(name);
  }
  return { files, known, twice };
}

/** The holds of a dataset after an answer about its members. @param held  why it is not believed; null: it is */
function holdsOf({ name, holds }: DatasetRow, held: string | null, now: number): DatasetRow['holds'] {
  const others = holds.filter(({ code }) => code !== 'held.members');
  if (held === null) return others;
  const hold = { id: 0, scope: 'dataset', of: name, name: '', code: 'held.members' } as const;
  return [...others, { ...hold, reason: held, by: BY_RULE, sinceMs: now }];
}

/** Within one dry run an answer that was believed is not asked for again. */
function asked({ loaded, membersMs }: DatasetRow, held: string | null, { now }: MembersTaken) {
  return held === null ? { membersMs: now, membersInput: loaded.inputDigest } : { membersMs };
}

function* newPages(added: readonly InputRow[], { states, some, subject, pageSize }: PageScope) {
  const wanted = states.includes('pending') || some?.state === 'pending';
  if (!wanted || subject !== 'inputs') return;
  for (let at = 0; at < added.length; at += pageSize) yield pageOf(added.slice(at, at + pageSize));
}

function withAdded(totals: Totals, added: readonly InputRow[]): Totals {
  if (added.length === 0) return totals;
  const { inputs, openRuns } = totals;
  return {
    ...totals,
    inputs: { ...inputs, pending: inputs.pending + added.length },
    openRuns: new Set([...openRuns, ...added.map((input) => input.run)]),
  };
}

function sum(totals: Totals): number {
  return Object.values(totals.inputs).reduce((count, files) => count + files, 0);
}
