/** What is said of each kind of step: every kind has a line in the table. */
import assert from 'node:assert/strict';
import { changeOf } from '../../reconcilers/decide/change/change-of.ts';
import { conclude } from '../../reconcilers/decide/steps/conclude.ts';
import { intend } from '../../reconcilers/decide/steps/intents.ts';
import type { BudgetName } from '../../reconcilers/decide/steps/kind.ts';
import {
  countsOf,
  kindOf,
  placeEmptied,
  placesOfStep,
  STEP_KINDS,
  storesWritten,
} from '../../reconcilers/decide/steps/kinds.ts';
import { EMPTY_PAGE } from '../../reconcilers/model/rows.ts';
import type { ReadyStep, StepKind, TakenStep } from '../../reconcilers/model/steps.ts';
import type { DriverErrorCode } from '../../reconcilers/ports/errors.ts';
import { aContext, aDataset, aJob, anAttempt, anInput, anOutput, aSubmission, NOW } from '../builders.ts';
import { anOutputSpec } from '../spec-builders.ts';
import { findingsInWords } from './one-file.ts';

const exported = { to: 'far', path: 'sent', with: ['metadata'], thenDelete: true, when: 'fileDone' } as const;
const outputs = [
  anOutputSpec({ key: 'dst', name: '{stem}.dst', path: 'dst', declare: 'fileDone', export: exported }),
];
const context = aContext({ dataset: aDataset({ outputs }) });
const page = {
  ...EMPTY_PAGE,
  inputs: [
    anInput({ id: 1, name: 'a.raw', state: 'running', sizeBytes: 5, attempt: 2, copyPath: 'raw/a.raw' }),
  ],
  outputs: [
    anOutput({
      id: 2,
      inputId: 1,
      key: 'dst',
      name: 'a.dst',
      state: 'accepted',
      path: 'dst/a.dst',
      attempt: 4,
    }),
  ],
  submissions: [aSubmission({ id: 9, name: 'r1-abcd1234-9', state: 'intended' })],
  jobs: [aJob({ submissionId: 9, index: 0 })],
  attempts: [anAttempt({ fileId: 1, submissionId: 9, jobIndex: 0 })],
};

const about = { names: ['a'], because: 'so', bytes: 1 } as const;
const move = { fileId: 1, name: 'a.raw', from: 'a.raw', sizeBytes: 5, checksum: null };
const copied = { fileId: 2, name: 'a.dst', from: 'dst/a.dst', sizeBytes: 5, checksum: null };
const file = { id: 1, name: 'a.raw', sizeBytes: 5, attempt: 2 };
const expected = { sizeBytes: 5 };
const proved = { expected, proof: { by: 'size', store: 'far', path: 'x' } } as const;
const promoted = {
  ...about,
  kind: 'promote',
  outputKey: null,
  from: 'x',
  expected,
  companion: null,
} as const;
const declaration = {
  ...{ name: 'a.dst', sizeBytes: 5, eventCount: 1, checksums: [], dataTier: 'dst', run: 1, parents: [] },
  ...{ application: { family: 'reco', name: 'reco', version: '1' }, metadata: {} },
};

interface Case {
  readonly it: string;
  readonly step: ReadyStep;
  readonly budget: BudgetName | null;
  /** How much of it counts as files, jobs and deletions. */
  readonly counts: readonly [number, number, number];
  readonly noun: 'file' | 'submission';
  readonly writesTo: readonly string[];
  readonly systems: readonly string[] | null;
  readonly about: number | null;
  readonly uses?: Readonly<Record<string, number>>;
  readonly makes?: readonly string[];
  /** Made by a later step. */
  readonly later?: readonly string[];
  readonly empties?: string;
  /** What a refusal of it closes. */
  readonly closes?: string;
  readonly intends?: readonly string[];
  /** What is concluded where it went well. */
  readonly ok: readonly string[];
  /** Where something else is there. */
  readonly conflict: readonly string[];
  /** Where nothing is taken. */
  readonly refused?: readonly string[];
  /** Where nothing is known. */
  readonly unavailable?: readonly string[];
}

const ended = ['newSubmission', 'input attempt actedMs'];
const gone = ['attemptEnd', 'gate'];
const failed = ['output '];

const CASES: readonly Case[] = [
  {
    it: 'transfer brings raw files',
    step: {
      ...about,
      kind: 'transfer',
      phase: 'transfer',
      endpoint: { from: 'fnal', to: 'disk' },
      moves: [move],
      number: 9,
    },
    ...{ budget: 'transfers', counts: [1, 0, 0], noun: 'file', writesTo: ['disk'], about: null },
    ...{ systems: ['fnal>disk', 'fnal', 'disk'], uses: { disk: 5 }, closes: 'fnal>disk' },
    ...{ intends: ended, ok: ['submission', 'gate'], conflict: [], refused: gone, unavailable: [] },
  },
  {
    it: 'copy sends outputs',
    step: {
      ...about,
      kind: 'copy',
      phase: 'export',
      endpoint: { from: 'disk', to: 'far' },
      moves: [copied],
      number: 9,
    },
    ...{ budget: 'transfers', counts: [1, 0, 0], noun: 'file', writesTo: ['far'], about: 2 },
    ...{ systems: ['disk>far', 'disk', 'far'], uses: { far: 5 }, closes: 'disk>far' },
    ...{ makes: ['far:sent/a.dst', 'far:sent/a.dst.metadata.json'] },
    ...{ intends: ['newSubmission', 'output attempt actedMs farPath farStore'] },
    ...{ ok: ['submission', 'gate'], conflict: [], refused: gone, unavailable: [] },
  },
  {
    it: 'submit begins jobs',
    step: { ...about, kind: 'submit', phase: 'process', jobs: [[file]], avoid: [], number: 9 },
    ...{ budget: 'jobs', counts: [1, 1, 0], noun: 'file', writesTo: ['disk'], about: 1 },
    ...{ systems: ['batch', 'disk', 'disk'], uses: { spool: 0, disk: 5 }, closes: 'the batch system' },
    ...{ makes: ['disk:dst/a.dst'], later: ['far:sent/a.dst', 'far:sent/a.dst.metadata.json'] },
    ...{ intends: ended, ok: ['submission', 'gate', 'input job.accepted'], conflict: [], refused: gone },
    ...{ unavailable: [] },
  },
  {
    it: 'promote gives a raw copy its name',
    step: { ...promoted, phase: 'verify', of: 'raw copy', fileId: 1, store: 'disk', to: 'raw/a.raw' },
    ...{ budget: null, counts: [1, 0, 0], noun: 'file', writesTo: ['disk'], systems: ['disk'], about: 1 },
    ...{ ok: ['input check.passed, attempt accepted'], conflict: ['input check.failed'] },
  },
  {
    it: 'promote gives an output its name, and its input is done with the last',
    step: {
      ...promoted,
      phase: 'process',
      of: 'output',
      fileId: 1,
      outputKey: 'dst',
      store: 'disk',
      to: 'dst/a.dst',
    },
    ...{ budget: null, counts: [1, 0, 0], noun: 'file', writesTo: ['disk'], systems: null, about: 1 },
    ...{ makes: ['disk:dst/a.dst'], conflict: failed },
    ...{ ok: ['output output.promoted', 'input job.succeeded, attempt accepted', 'input actedMs'] },
  },
  {
    it: 'promote gives a far copy its name',
    step: { ...promoted, phase: 'export', of: 'far copy', fileId: 2, store: 'far', to: 'sent/a.dst' },
    ...{ budget: null, counts: [1, 0, 0], noun: 'file', writesTo: ['far'], systems: null, about: 2 },
    ...{ makes: ['far:sent/a.dst', 'far:sent/a.dst.metadata.json'] },
    ...{ ok: ['output output.copied'], conflict: failed },
  },
  {
    it: 'quarantine puts a file aside',
    step: {
      ...about,
      kind: 'quarantine',
      phase: 'verify',
      store: 'disk',
      path: 'raw/a.raw',
      fileId: 1,
      submission: null,
      number: 9,
    },
    ...{
      budget: 'quarantine',
      counts: [1, 0, 0],
      noun: 'file',
      writesTo: ['disk'],
      systems: ['disk'],
      about: 1,
    },
    ...{ empties: 'disk:raw/a.raw of a.raw', ok: ['input copyPath actedMs'], conflict: [] },
  },
  {
    it: 'cancel ends a submission',
    step: { ...about, kind: 'cancel', phase: 'process', submission: 'r1-abcd1234-9' },
    ...{ budget: 'cancel', counts: [0, 0, 0], noun: 'submission', writesTo: [], systems: null, about: null },
    ...{ ok: [], conflict: [] },
  },
  {
    it: 'declare tells the catalog of an output',
    step: { ...about, kind: 'declare', phase: 'publish', fileId: 2, declaration },
    ...{ budget: null, counts: [1, 0, 0], noun: 'file', writesTo: [], systems: ['catalog'], about: 2 },
    ...{ closes: 'the catalog', ok: ['output output.declared'], conflict: failed },
    ...{ refused: ['gate'], unavailable: ['gate'] },
  },
  {
    it: 'locate tells the catalog of a place',
    step: {
      ...about,
      kind: 'locate',
      phase: 'publish',
      fileId: 2,
      name: 'a.dst',
      location: 'disk:dst/a.dst',
    },
    ...{ budget: null, counts: [1, 0, 0], noun: 'file', writesTo: [], systems: ['catalog'], about: 2 },
    ...{ closes: 'the catalog', ok: ['output output.located'], conflict: failed },
    ...{ refused: ['gate'], unavailable: ['gate'] },
  },
  {
    it: 'delete takes an exported output away',
    step: {
      ...about,
      kind: 'delete',
      phase: 'export',
      fileId: 2,
      store: 'disk',
      path: 'dst/a.dst',
      ...proved,
    },
    ...{
      budget: 'delete',
      counts: [1, 0, 1],
      noun: 'file',
      writesTo: ['disk'],
      systems: ['disk', 'far'],
      about: 2,
    },
    ...{ empties: 'disk:dst/a.dst of a.raw', ok: ['output output.deleted'], conflict: failed },
  },
  {
    it: 'release takes a replica away',
    step: {
      ...about,
      kind: 'release',
      phase: 'export',
      fileId: 1,
      store: 'disk',
      path: 'raw/a.raw',
      ...proved,
    },
    ...{
      budget: 'delete',
      counts: [1, 0, 1],
      noun: 'file',
      writesTo: ['disk'],
      systems: ['disk', 'far'],
      about: 1,
    },
    ...{ empties: 'disk:raw/a.raw of a.raw', ok: ['input copyPath actedMs', 'replica not released: over'] },
    ...{ conflict: ['replica not released: raised'] },
  },
  {
    it: 'archive stores the logs of submissions',
    step: {
      ...{ ...about, kind: 'archive', phase: 'archive', submissions: [{ id: 9, name: 'r1-abcd1234-9' }] },
      ...{ store: 'tape', folder: 'logs', path: null, number: 9 },
    },
    ...{
      budget: null,
      counts: [0, 0, 0],
      noun: 'submission',
      writesTo: ['tape'],
      systems: ['tape'],
      about: null,
    },
    ...{ makes: [`tape:logs/r${context.dataset.requestId}-abcd1234-9.tar`] },
    ...{ intends: ['archive'], ok: ['archive'], conflict: [] },
  },
];

const { standing } = changeOf(page, [], {
  now: NOW,
  phase: 'process',
  retry: context.dataset.loaded.spec.retry,
});

/** What each kind knows when it went well. */
const SUCCESS = {
  ok: true,
  systemId: 'id 7',
  stored: { sizeBytes: 1, checksum: null, entries: new Map() },
} as const;

const concluded = (step: ReadyStep, outcome: object) =>
  findingsInWords(conclude(context, page, [{ step, outcome } as TakenStep]));

const bytes = {
  ...{ arriving: 0, leaving: {}, ratios: {}, unexported: {} },
  inputs: { pending: 0, transferred: 0, verified: 0, running: 0, done: 0, copied: 0, error: 0 },
};

describe('the kinds of steps', () => {
  it('all have a line in this table', () => {
    const tried = new Set<StepKind>(CASES.map(({ step }) => step.kind));
    assert.deepEqual(
      STEP_KINDS.filter((kind) => !tried.has(kind)),
      [],
    );
  });

  for (const one of CASES) {
    const { step } = one;
    const kind = kindOf(step.kind);

    describe(one.it, () => {
      it('is counted and named', () => {
        const { files, jobs, deletions } = countsOf(step);
        assert.deepEqual(
          [kind.budget, [files, jobs, deletions], kind.noun],
          [one.budget, one.counts, one.noun],
        );
      });

      it('says where it writes, and what it needs', () => {
        const spec = context.dataset.loaded.spec;
        const [part] = kind.parts(step, standing);
        assert.ok(part);
        assert.deepEqual(storesWritten(step, spec), one.writesTo);
        assert.deepEqual(kind.systems(part, context), one.systems);
        assert.deepEqual(Object.fromEntries(kind.uses(part, context, bytes)), one.uses ?? {});
        assert.equal(kind.about(part), one.about);
        assert.equal(kind.refusedWith(step), one.closes ?? null);
      });

      it('says which places it makes and empties', () => {
        const places = placesOfStep(context, step, standing);
        const named = (isLater: boolean) =>
          places.filter((place) => place.isLater === isLater).map(({ store, path }) => `${store}:${path}`);
        assert.deepEqual([named(false), named(true)], [one.makes ?? [], one.later ?? []]);
        const [part] = kind.parts(step, standing);
        const decision = part && 'do' in part ? part : { do: 'step', step };
        const at = placeEmptied(
          {
            name: 'a.raw',
            rule: 'aRule',
            decision: decision as Parameters<typeof placeEmptied>[0]['decision'],
          },
          standing,
        );
        assert.equal(at && `${at.store}:${at.path} of ${at.input}`, one.empties);
      });

      it('names what it makes before it is taken', () => {
        assert.deepEqual(findingsInWords(intend(context, [step], standing)), one.intends ?? []);
      });

      it('concludes what has come of it', () => {
        const no = (code: DriverErrorCode) => concluded(step, { ok: false, code, message: 'no' });
        assert.deepEqual(concluded(step, SUCCESS), one.ok);
        assert.deepEqual(no('conflict'), one.conflict);
        assert.deepEqual(no('refused'), one.refused ?? one.conflict);
        assert.deepEqual(no('unavailable'), one.unavailable ?? one.conflict);
      });
    });
  }
});
