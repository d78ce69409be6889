/**
 * What would be remembered, for a dry run: what is on record, where there is a
 * record, and in memory what the specs would add to it. Nothing can be written.
 */

import { BY_RULE } from '../../machines/model.ts';
import type {
  DatasetRecords,
  Member,
  MemberRecords,
  MembersOutcome,
  MembersTaken,
  PassRecords,
  Records,
  SiteRecords,
} from '../model/records.ts';
import type { DatasetRow, InputRow } from '../model/rows.ts';
import type { PageScope } from '../model/scope.ts';
import { totalBytes } from '../model/steps.ts';
import type { Totals } from '../model/totals.ts';
import { previewArrivals } from './preview-arrivals.ts';
import { type Answered, asAnswered } from './preview-page.ts';
import { NO_BYTES, NO_TOTALS, newDataset, newInput, pageOf } from './preview-rows.ts';
import { previewSweeping } from './preview-sweeping.ts';

/** What a dry run remembers besides what is on record. */
interface Preview {
  /** The records read from; null where there is no database: an empty memory. */
  readonly base: Records | null;
  readonly clock: () => number;
  /** By name: datasets as specs and answers would change them. */
  readonly datasets: Map<string, DatasetRow>;
  /** By the dataset's name: what its members would become. */
  readonly answers: Map<string, Answered>;
  readonly arrivals: ReturnType<typeof previewArrivals>;
}

/** @param base  the records read from; null where there is no database: an empty memory */
export function previewRecords(base: Records | null, clock: () => number): Records {
  const preview: Preview = {
    base,
    clock,
    datasets: new Map(),
    answers: new Map(),
    arrivals: previewArrivals(base),
  };
  return {
    ...previewSite(preview),
    ...previewDatasets(preview),
    ...previewMembers(preview),
    ...previewPasses(preview),
    sweeping: previewSweeping(base?.sweeping ?? null),
  };
}

const refuse = () => Promise.reject(new Error('a dry run writes nothing; please report'));

function previewSite({ base, clock }: Preview): SiteRecords {
  return {
    now: () => base?.now() ?? Promise.resolve(clock()),
    installation: () => base?.installation() ?? Promise.resolve({ id: 'new', serial: 0 }),
    markedPlaces: (site) => base?.markedPlaces(site) ?? Promise.resolve(new Set()),
    noteMarked: refuse,
    raiseSerial: refuse,
    health: async () => {},
    answered: async () => {},
  };
}

function previewDatasets(preview: Preview): DatasetRecords {
  const { base, datasets, answers, arrivals } = preview;
  return {
    async datasets() {
      const known = (await base?.datasets()) ?? [];
      const kept = known.filter((row) => !datasets.has(row.name));
      return [...kept, ...datasets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async dataset(name) {
      return datasets.get(name) ?? (await base?.dataset(name)) ?? Promise.reject(new Error(`no ${name}`));
    },
    async apply(loaded) {
      const known = (await base?.datasets())?.find((row) => row.name === loaded.spec.name);
      const row: DatasetRow = known
        ? { ...known, loaded, generation: known.generation + 1, orphanedMs: null }
        : newDataset(-1 - datasets.size, loaded);
      datasets.set(row.name, row);
      return row;
    },
    async noteOrigin(dataset, origin) {
      datasets.set(dataset.name, { ...dataset, loaded: { ...dataset.loaded, origin } });
    },
    async orphan(dataset, orphaned, now) {
      datasets.set(dataset.name, { ...dataset, orphanedMs: orphaned ? now : null });
    },
    async totals(dataset) {
      const totals = await totalsOnRecord(preview, dataset);
      const arriving = arrivals.told(dataset) ?? totals.arriving;
      return { ...withAdded(totals, answers.get(dataset.name)?.added ?? []), arriving };
    },
    async bytes(dataset) {
      const bytes = dataset.id < 0 || base === null ? NO_BYTES : await base.bytes(dataset);
      const pending = totalBytes(answers.get(dataset.name)?.added ?? []);
      return { ...bytes, inputs: { ...bytes.inputs, pending: bytes.inputs.pending + pending } };
    },
    noteHolds: async () => {},
    tell: async () => {},
  };
}

async function totalsOnRecord({ base }: Preview, dataset: DatasetRow): Promise<Totals> {
  return dataset.id < 0 || base === null ? NO_TOTALS : base.totals(dataset);
}

function previewMembers(preview: Preview): MemberRecords {
  const { base, answers, arrivals } = preview;
  return {
    members: (dataset, ask, how) => previewAnswer(preview, dataset, ask, how),
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
    descents: async (dataset, members) => (await base?.descents(dataset, members)) ?? [],
    noteOrigins: async () => {},
  };
}

/** What an answer about members would change. */
async function previewAnswer(
  preview: Preview,
  dataset: DatasetRow,
  ask: () => AsyncIterable<readonly Member[]>,
  how: MembersTaken,
): Promise<MembersOutcome> {
  const { base, datasets, answers, arrivals } = preview;
  const { files, known, twice } = await readAnswer(base, dataset, ask());
  const arriving = await arrivals.keepApart(dataset, files, known, how);
  const before = sum(await totalsOnRecord(preview, dataset));
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
  datasets.set(dataset.name, {
    ...{ ...dataset, holds: holdsOf(dataset, held, how.now), ...asked(dataset, held, how) },
    arrivingSinceMs: arriving.length === 0 ? null : (how.listedMs?.() ?? how.now),
  });
  return { ...summary, held, moved: 0 };
}

function previewPasses({ base, answers }: Preview): PassRecords {
  return {
    room: (site, mostJobs) => base?.room(site, mostJobs) ?? Promise.resolve(mostJobs),
    async *pages(dataset, scope) {
      const answer = answers.get(dataset.name);
      if (dataset.id >= 0 && base !== null) {
        for await (const page of base.pages(dataset, scope)) yield asAnswered(page, answer);
      }
      yield* newPages(answer?.added ?? [], scope);
    },
    owners: async (places) => (await base?.owners(places)) ?? [],
    readers: async (names) => (await base?.readers(names)) ?? [],
    toldOf: async (dataset, files, kinds) =>
      dataset.id < 0 ? [] : ((await base?.toldOf(dataset, files, kinds)) ?? []),
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
