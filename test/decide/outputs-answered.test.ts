/** Whatever state an output and the world are in: where it is not at its goal, exactly one rule says what is next. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { changeOf } from '../../reconcilers/decide/change/change-of.ts';
import { optionsOf, type PhaseRules } from '../../reconcilers/decide/change/phase-rules.ts';
import { exportRules } from '../../reconcilers/decide/rules/export.ts';
import { DELETION_RULES, STRANDED_RULES } from '../../reconcilers/decide/rules/export-delete.ts';
import {
  ARRIVED_RULES,
  ON_THE_WAY_RULES,
  SENDING_RULES,
} from '../../reconcilers/decide/rules/export-send.ts';
import { PUBLISH_RULES, publishRules } from '../../reconcilers/decide/rules/publish.ts';
import { isAtGoal } from '../../reconcilers/decide/wanted/goals.ts';
import type { PassContext } from '../../reconcilers/model/context.ts';
import { EMPTY_PAGE, type OutputRow, type Page } from '../../reconcilers/model/rows.ts';
import type { Gate } from '../../reconcilers/model/totals.ts';
import { NOTHING_SEEN, type World } from '../../reconcilers/model/world.ts';
import type { CatalogFile } from '../../reconcilers/ports/catalog.ts';
import type { MoveSeen } from '../../reconcilers/ports/mover.ts';
import type { StoredFile } from '../../reconcilers/ports/store.ts';
import {
  aContext,
  aDataset,
  aJob,
  anAnswer,
  anAttempt,
  anInput,
  anOutput,
  aSubmission,
  inputCounts,
  NOW,
  someTotals,
} from '../builders.ts';
import { anOutputSpec, aSite } from '../spec-builders.ts';

const { name: NAME, path: HERE, revision: REVISION } = anOutput();
const SUBMISSION = 'r4711-abcd1234-1';
const ARRIVAL = `.rereco/attempts/${SUBMISSION}/${NAME}`;
const STORE = {
  driver: 'posix',
  root: '/',
  keepFreeBytes: 0,
  deleteProof: null,
  callsPerMinute: null,
  options: {},
};
const MOVER = { driver: 'bbftp', callTimeoutMs: 1000, absentIsFinal: true, filesPerSubmission: 1 };

const SELDOM = fc.constantFrom(false, false, false, true);
const OFTEN = SELDOM.map((one) => !one);

const GATE: fc.Arbitrary<Gate> = fc.record({
  kind: fc.constantFrom('refused', 'rejected'),
  message: fc.constant('no'),
  tries: fc.constant(1),
  generation: fc.constant(1),
  sinceMs: fc.constant(NOW - 1000),
  retryAtMs: fc.constantFrom(NOW - 1, NOW + 1000),
});

const CONTEXT: fc.Arbitrary<PassContext> = fc
  .record({
    declare: fc.constantFrom('never', 'fileDone', 'datasetDone'),
    exports: OFTEN,
    when: fc.constantFrom('fileDone', 'runDone', 'datasetDone'),
    thenDelete: fc.boolean(),
    suspend: SELDOM,
    hasMover: OFTEN,
    hasStore: OFTEN,
    resync: fc.boolean(),
    gates: fc.oneof(fc.constant({}), fc.record({ publish: GATE, export: GATE })),
    open: fc.constantFrom(0, 1),
  })
  .map((one) => {
    const { declare, when, thenDelete, suspend, resync, gates, open } = one;
    const exported = one.exports ? { to: 'far', path: '', when, with: [], thenDelete } : null;
    const dataset = aDataset({ outputs: [anOutputSpec({ key: 'tmb', declare, export: exported })], suspend });
    const site = aSite({ stores: { disk: STORE, ...(one.hasStore && { far: STORE }) } });
    return aContext({
      dataset: { ...dataset, loaded: { ...dataset.loaded, site } },
      resync,
      totals: someTotals({
        gates,
        inputs: inputCounts({ verified: open }),

        outputs: { tmb: { declared: 1 } },
        openRuns: new Set(open ? [176852] : []),
      }),
      traits: { ...aContext().traits, movers: new Map(one.hasMover ? [['disk>far', MOVER]] : []) },
    });
  });

const OUTPUT: fc.Arbitrary<OutputRow> = fc
  .record({
    state: fc.constantFrom('promoted', 'declared', 'located', 'copied', 'deleted'),
    class: fc.constantFrom(null, null, null, null, 'data', 'unknown', 'outage'),
    retryAtMs: fc.constantFrom(null, NOW - 1, NOW + 1000),
    actedMs: fc.constantFrom(0, 0, NOW + 1),
    revision: fc.constantFrom(REVISION, 'b'.repeat(64)),
    arrived: fc.boolean(),
  } as const)
  .map(({ arrived, ...fields }) => {
    const isFar = fields.state === 'copied' || fields.state === 'deleted';
    return anOutput({
      ...fields,
      reason: fields.class === null ? null : 'before',
      farPath: isFar ? NAME : arrived ? ARRIVAL : null,
      farStore: isFar ? 'far' : null,
    });
  });

const PAGE: fc.Arbitrary<Page> = fc
  .record({
    output: OUTPUT,
    input: fc.record({
      state: fc.constantFrom('done', 'done', 'copied', 'running', 'error'),
      revision: fc.constantFrom(REVISION, null),
    } as const),
    live: SELDOM,
    submission: fc.constantFrom('intended', 'accepted'),
  } as const)
  .map(({ output, input, live, submission }) => {
    const rows = { ...EMPTY_PAGE, inputs: [anInput(input)], outputs: [output] };
    if (!live) return rows;
    return {
      ...rows,
      attempts: [anAttempt({ fileId: output.id, phase: 'export', path: ARRIVAL })],
      submissions: [aSubmission({ phase: 'export', endpoint: 'disk>far', state: submission })],
      jobs: [aJob({ type: 'bbftp' })],
    };
  });

const FILE = fc.constantFrom<StoredFile | null | 'silent'>(
  'silent',
  null,
  { sizeBytes: 500, checksum: 'adler32:00000001' },
  { sizeBytes: 500, checksum: 'adler32:00000002' },
  { sizeBytes: 500 },
  { sizeBytes: 5 },
);

const MOVE = fc.constantFrom<MoveSeen | null | 'silent'>(
  'silent',
  null,
  { state: 'queued' },
  { state: 'running', movedBytes: null },
  { state: 'moved', sizeBytes: 500, checksum: null },
  { state: 'failed', cause: 'absent', reason: 'no such file' },
);

const ENTRY: CatalogFile = {
  name: NAME,
  sizeBytes: 500,
  eventCount: 100,
  checksums: [],
  dataTier: null,
  run: null,
  parents: [],
  locations: [],
};

const ENTRIES = fc.constantFrom<CatalogFile | null | 'silent'>(
  'silent',
  null,
  ENTRY,
  { ...ENTRY, sizeBytes: 1 },
  { ...ENTRY, locations: [`disk:${HERE}`] },
);

/** The answer about one thing; none where its system is silent. */
function about<V>(key: string, seen: V | null | 'silent') {
  if (seen === 'silent') return [];
  return [anAnswer([key], { found: new Map(seen === null ? [] : [[key, seen]]) })];
}

const WORLD: fc.Arbitrary<World> = fc
  .record({ far: FILE, here: FILE, arrival: FILE, move: MOVE, entry: ENTRIES })
  .map(({ far, here, arrival, move, entry }) => {
    const transfer =
      move === 'silent' || move === null ? move : { systemId: '1', files: new Map([[0, move]]) };
    return {
      ...NOTHING_SEEN,
      stats: new Map([
        ['far', [...about(NAME, far), ...about(ARRIVAL, arrival)]],
        ['disk', about(HERE, here)],
      ]),
      transfers: new Map([['disk>far', about(SUBMISSION, transfer)]]),
      described: about(NAME, entry),
    };
  });

/** Whether a phase comes upon outputs in this state. */
function looksAfter(rules: PhaseRules, context: PassContext, { state, key }: OutputRow): boolean {
  return rules
    .scopes(context)
    .some(
      ({ subject, states, keys }) =>
        subject === 'outputs' && keys.includes(key) && states.some((one) => one === state),
    );
}

/** Every rule of every list; each of them decides for some output. */
const NAMES = [
  ...new Set(
    [PUBLISH_RULES, SENDING_RULES, ON_THE_WAY_RULES, ARRIVED_RULES, DELETION_RULES, STRANDED_RULES]
      .flat()
      .map(({ name }) => name),
  ),
].sort();

describe('an output that is not at its goal', () => {
  it('has one first stop or step in each phase that looks after it, made by the rule that decided', () => {
    const answered = new Set<string>();
    const property = fc.property(CONTEXT, PAGE, WORLD, (context, page, seen) => {
      const [row] = page.outputs;
      assert.ok(row);
      const isOpen = !isAtGoal(context, row.key, row.state);
      const looking = [publishRules, exportRules].filter((rules) => looksAfter(rules, context, row));
      if (isOpen) assert.notEqual(looking.length, 0, `some phase looks after what is ${row.state}`);
      for (const rules of [publishRules, exportRules]) {
        const { standing } = changeOf(page, rules.find(context, page, seen), optionsOf(context, rules.phase));
        const output = standing.output(anOutput().id);
        const decided = rules.decide(context, page, seen, standing).filter(({ name }) => name === NAME);
        for (const { rule } of decided) answered.add(rule);
        const open = output.state !== 'lost' && !isAtGoal(context, output.key, output.state);
        if (!open) assert.ok(decided.length <= 1);
        else if (looksAfter(rules, context, output))
          assert.equal(decided.length, 1, `${rules.phase} ${output.state}`);
      }
    });
    fc.assert(property, { numRuns: 2000, seed: 4711 });
    assert.deepEqual([...answered].sort(), NAMES);
  });
});
