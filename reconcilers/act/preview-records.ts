/**
 * What would be remembered, for a dry run: what is on record, where there is a
 * record, and in memory what the specs would add to it. Nothing can be written.
 */
import type { DatasetRow, InputRow, Page, Totals } from '../decide/rows.ts';
import type { Member, Records } from '../ports/records.ts';

/** @param base  the records read from; null where there is no database: an empty memory */
export function previewRecords(base: Records | null, clock: () => number): Records {
  const previewed = new Map<string, DatasetRow>();
  const members = new Map<string, readonly InputRow[]>();
  const refuse = () => Promise.reject(new Error('a dry run writes nothing; please report'));

  return {
    now: () => base?.now() ?? Promise.resolve(clock()),
    installation: () => base?.installation() ?? Promise.resolve({ id: 'new', serial: 0 }),

    async datasets() {
      const known = (await base?.datasets()) ?? [];
      const kept = known.filter((row) => !previewed.has(row.name));
      return [...kept, ...previewed.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    },

    async apply(loaded) {
      const known = (await base?.datasets())?.find((row) => row.name === loaded.spec.name);
      const row: DatasetRow = known
        ? { ...known, loaded, generation: known.generation + 1, orphanedMs: null }
        : newDataset(-1 - previewed.size, loaded);
      previewed.set(row.name, row);
      return row;
    },

    async members(dataset, answer, decide) {
      const files: Member[] = [];
      for await (const page of answer) files.push(...page);
      const known = dataset.id < 0 ? 0 : sum(await base?.totals(dataset));
      const summary = {
        known,
        answered: files.length,
        added: dataset.id < 0 ? files.length : 0,
        gone: 0,
        corrected: 0,
        contradicted: 0,
      };
      const verdict = decide(summary);
      const held = verdict === 'apply' ? null : verdict.hold;
      if (dataset.id < 0) members.set(dataset.name, held === null ? files.map(newInput) : []);
      if (held !== null) previewed.set(dataset.name, { ...dataset, heldReason: held });
      return { ...summary, held };
    },

    async totals(dataset) {
      if (dataset.id < 0) return totalsOf(members.get(dataset.name) ?? []);
      return (await base?.totals(dataset)) ?? totalsOf([]);
    },

    async *pages(dataset, scope) {
      if (dataset.id >= 0) {
        if (base !== null) yield* base.pages(dataset, scope);
        return;
      }
      const wanted = scope.states.includes('pending') || scope.some?.state === 'pending';
      const inputs = wanted && scope.subject === 'inputs' ? (members.get(dataset.name) ?? []) : [];
      for (let at = 0; at < inputs.length; at += scope.pageSize) {
        yield pageOf(inputs.slice(at, at + scope.pageSize));
      }
    },

    unswept: (dataset, phase) => base?.unswept(dataset, phase) ?? Promise.resolve([]),
    closedAmong: (names) => base?.closedAmong(names) ?? Promise.resolve(new Set()),
    markedPlaces: (site) => base?.markedPlaces(site) ?? Promise.resolve(new Set()),
    noteMarked: refuse,
    raiseSerial: refuse,
    orphan: async () => {},
    hold: async () => {},
    health: async () => {},
    lease: refuse,
    renew: refuse,
    release: refuse,
    write: refuse,
  };
}

function newDataset(id: number, loaded: DatasetRow['loaded']): DatasetRow {
  return {
    id,
    name: loaded.spec.name,
    // A number is assigned when it is first applied; 0 stands for a new one until then.
    requestId: loaded.spec.requestId ?? 0,
    generation: 1,
    loaded,
    orphanedMs: null,
    heldReason: null,
    heldMs: null,
    membersMs: null,
  };
}

function newInput(member: Member, index: number): InputRow {
  return {
    id: index + 1,
    name: member.name,
    run: member.run,
    sizeBytes: member.sizeBytes,
    eventCount: member.eventCount,
    checksum: member.checksum,
    sourceStore: member.sourceStore,
    sourcePath: member.sourcePath,
    retiredMs: null,
    state: 'pending',
    phase: null,
    fault: null,
    sinceMs: 0,
    attempt: 0,
    retriesUsed: 0,
    siteRetries: 0,
    class: null,
    signature: null,
    reason: null,
    retryAtMs: null,
    actedMs: 0,
    revision: null,
    acceptedAttempt: null,
    copyPath: null,
  };
}

function pageOf(inputs: readonly InputRow[]): Page {
  return { inputs, outputs: [], attempts: [], submissions: [], jobs: [], lastId: inputs.at(-1)?.id ?? 0 };
}

function totalsOf(inputs: readonly InputRow[]): Totals {
  const none = { transferred: 0, verified: 0, running: 0, done: 0, error: 0, copied: 0 };
  return {
    inputs: { pending: inputs.length, ...none },
    stopped: 0,
    outputs: {},
    outputsStopped: 0,
    openRuns: new Set(inputs.map((input) => input.run)),
    liveJobs: 0,
    liveTransfers: 0,
    unarchived: 0,
    gates: {},
    trouble: { outage: null, alike: null },
  };
}

function sum(totals: Totals | undefined): number {
  return Object.values(totals?.inputs ?? {}).reduce((count, files) => count + files, 0);
}
