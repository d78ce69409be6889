import assert from 'node:assert/strict';
import { changeOf } from '../../reconcilers/decide/change/change-of.ts';
import { publishRules } from '../../reconcilers/decide/rules/publish.ts';
import { EMPTY_PAGE } from '../../reconcilers/model/rows.ts';
import { NOTHING_SEEN } from '../../reconcilers/model/world.ts';
import type { CatalogFile } from '../../reconcilers/ports/catalog.ts';
import { aContext, anAnswer, anInput, anOutput, NOW } from '../builders.ts';
import { RETRIES } from '../spec-builders.ts';

/** What becomes of a promoted output whose name the catalog has already. */
function found(entry: Partial<CatalogFile>): string {
  const output = anOutput();
  const known: CatalogFile = {
    name: output.name,
    sizeBytes: 500,
    eventCount: 100,
    checksums: [],
    dataTier: 'thumbnail',
    run: 176852,
    parents: [],
    locations: [],
    ...entry,
  };
  const page = { ...EMPTY_PAGE, inputs: [anInput({ state: 'done' })], outputs: [output] };
  const described = [anAnswer([output.name], { found: new Map([[output.name, known]]) })];
  const findings = publishRules.find(aContext(), page, { ...NOTHING_SEEN, described });
  const { standing } = changeOf(page, findings, { now: NOW, phase: 'publish', retry: RETRIES });
  const { state, class: trouble } = standing.output(output.id);
  return `${state} ${trouble ?? ''}`.trim();
}

describe('an output whose name is in the catalog', () => {
  it('is declared when the entry has its size and checksum', () => {
    assert.equal(found({ checksums: ['md5:12', 'adler32:00000001'] }), 'declared');
  });

  it('is declared when the entry has its size, and no checksum of its kind', () => {
    assert.equal(found({ checksums: ['md5:12'] }), 'declared');
  });

  it('is not the one that is declared when the entry has another checksum, or another size', () => {
    assert.equal(found({ checksums: ['adler32:00000002'] }), 'promoted data');
    assert.equal(found({ sizeBytes: 499 }), 'promoted data');
  });
});
