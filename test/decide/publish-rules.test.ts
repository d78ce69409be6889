import assert from 'node:assert/strict';
import { PUBLISH_RULES, publishRules } from '../../reconcilers/decide/rules/publish.ts';
import type { PassContext } from '../../reconcilers/model/context.ts';
import type { InputRow, OutputRow } from '../../reconcilers/model/rows.ts';
import type { Gate } from '../../reconcilers/model/totals.ts';
import { NOTHING_SEEN, type World } from '../../reconcilers/model/world.ts';
import type { CatalogFile } from '../../reconcilers/ports/catalog.ts';
import type { OutputSpec } from '../../specs/types.ts';
import {
  aContext,
  aDataset,
  anAnswer,
  anInput,
  anOutput,
  inputCounts,
  NOW,
  someTotals,
} from '../builders.ts';
import { anOutputSpec } from '../spec-builders.ts';
import { type RuleCase, untried, verdictOf } from './one-file.ts';

const OUTPUT = anOutput();
const ENTRY: CatalogFile = {
  name: OUTPUT.name,
  sizeBytes: OUTPUT.sizeBytes,
  eventCount: 100,
  checksums: ['adler32:00000001'],
  dataTier: 'thumbnail',
  run: 176852,
  parents: [],
  locations: [],
};
const LOCATED: CatalogFile = { ...ENTRY, locations: [`${OUTPUT.store}:${OUTPUT.path}`] };
const FULL: Gate = {
  kind: 'refused',
  message: 'the catalog is full: no space',
  tries: 1,
  generation: 1,
  sinceMs: NOW - 1000,
  retryAtMs: NOW + 1000,
};

function around(declare: OutputSpec['declare'] = 'fileDone', fields: Partial<PassContext> = {}) {
  const dataset = aDataset({ outputs: [anOutputSpec({ key: 'tmb', declare })] });
  return aContext({ dataset, ...fields });
}

const EXPORT = { to: 'far', path: '', when: 'fileDone', with: [], thenDelete: true } as const;

const suspended = aContext({
  dataset: aDataset({ outputs: [anOutputSpec({ key: 'tmb', declare: 'fileDone' })], suspend: true }),
});

const page = (output: Partial<OutputRow> = {}, input: Partial<InputRow> = { state: 'done' }) => ({
  inputs: [anInput(input)],
  outputs: [{ ...OUTPUT, ...output }],
});

/** What the catalog has under the output's name. @param entry  null: nothing */
function answers(entry: CatalogFile | null): World {
  const found = entry === null ? new Map() : new Map([[OUTPUT.name, entry]]);
  return { ...NOTHING_SEEN, described: [anAnswer([OUTPUT.name], { found })] };
}

const failed = { class: 'unknown', phase: 'publish', reason: 'before' } as const;

const CASES: readonly RuleCase[] = [
  {
    it: 'declares an output whose file is done',
    page: page(),
    seen: answers(null),
    context: around(),
    rule: 'declareIt',
    does: 'declare',
  },
  {
    it: 'declares one of a dataset whose files are copied, too',
    page: page({}, { state: 'copied' }),
    seen: answers(null),
    context: around(),
    rule: 'declareIt',
    does: 'declare',
  },
  {
    it: 'locates what is declared',
    page: page({ state: 'declared' }),
    seen: answers(ENTRY),
    context: around(),
    rule: 'locateIt',
    does: 'locate',
  },
  {
    it: 'locates at once what the catalog has already',
    page: page(),
    seen: answers(ENTRY),
    context: around(),
    finds: ['output.declared'],
    rule: 'locateIt',
    does: 'locate',
  },
  {
    it: 'has nothing left to do where the catalog knows the place',
    page: page(),
    seen: answers(LOCATED),
    context: around(),
    finds: ['output.declared', 'output.located'],
  },
  {
    it: 'leaves an entry of its name that is another file’s to a person',
    page: page(),
    seen: answers({ ...ENTRY, sizeBytes: 499 }),
    context: around(),
    rule: 'failedForGood',
    does: 'failed.forGood',
  },
  {
    it: 'waits for a person, whatever else stops it',
    page: page({ ...failed, class: 'data' }, { state: 'running' }),
    seen: NOTHING_SEEN,
    context: suspended,
    rule: 'failedForGood',
    does: 'failed.forGood',
  },
  {
    it: 'begins nothing for a dataset that is stopped',
    page: page({ ...failed, retryAtMs: NOW + 1000 }),
    seen: NOTHING_SEEN,
    context: suspended,
    rule: 'datasetIsStopped',
    does: 'suspended.inSpec',
  },
  {
    it: 'asks a catalog that takes no entry later',
    page: page(),
    seen: answers(null),
    context: around('fileDone', { totals: someTotals({ gates: { publish: FULL } }) }),
    rule: 'catalogTakesNothing',
    does: 'system.full',
  },
  {
    it: 'asks one that takes nothing from us when the spec changes, or later',
    page: page({ state: 'declared' }),
    seen: answers(ENTRY),
    context: around('fileDone', {
      totals: someTotals({ gates: { publish: { ...FULL, kind: 'rejected' } } }),
    }),
    rule: 'catalogTakesNothing',
    does: 'order.rejected',
  },
  {
    it: 'declares nothing while the catalog is silent',
    page: page(),
    seen: NOTHING_SEEN,
    context: around(),
    rule: 'catalogIsSilent',
    does: 'system.silent',
  },
  {
    it: 'trusts no answer from before its last step',
    page: page({ actedMs: NOW + 1 }),
    seen: answers(null),
    context: around(),
    rule: 'catalogIsSilent',
    does: 'system.silent',
  },
  {
    it: 'waits for its file',
    page: page({}, { state: 'running' }),
    seen: answers(null),
    context: around(),
    rule: 'fileIsNotDone',
    does: 'file.notDone',
  },
  {
    it: 'waits for the dataset where the spec says so',
    page: page(),
    seen: answers(null),
    context: around('datasetDone', { totals: someTotals({ inputs: inputCounts({ running: 1, done: 1 }) }) }),
    rule: 'datasetIsNotDone',
    does: 'dataset.notDone',
  },
  {
    it: 'waits no longer when all of it is done',
    page: page(),
    seen: answers(null),
    context: around('datasetDone', { totals: someTotals({ inputs: inputCounts({ done: 2 }) }) }),
    rule: 'declareIt',
    does: 'declare',
  },
  {
    it: 'waits for its next try',
    page: page({ ...failed, retryAtMs: NOW + 1000 }),
    seen: answers(null),
    context: around(),
    rule: 'retryIsNotDue',
    does: 'retry.notDue',
  },
  {
    it: 'tries again when its time has come',
    page: page({ ...failed, retryAtMs: NOW }),
    seen: answers(null),
    context: around(),
    rule: 'declareIt',
    does: 'declare',
  },
  {
    it: 'locates what is declared and to be sent, also where the spec declares nothing any more',
    page: page({ state: 'declared' }),
    seen: answers(ENTRY),
    context: aContext({ dataset: aDataset({ outputs: [anOutputSpec({ key: 'tmb', export: EXPORT })] }) }),
    rule: 'locateIt',
    does: 'locate',
  },
  {
    it: 'has no business with an output that the spec does not declare',
    page: page(),
    seen: answers(null),
    context: around('never'),
  },
];

describe('the publish phase', () => {
  for (const one of CASES) {
    it(one.it, () => {
      assert.deepEqual(verdictOf(publishRules, one), {
        finds: one.finds ?? [],
        rules: one.rule === undefined ? [] : [one.rule],
        does: one.does === undefined ? [] : [one.does],
      });
    });
  }

  it('has a case for every rule', () => {
    assert.deepEqual(untried(PUBLISH_RULES, CASES), []);
  });
});
