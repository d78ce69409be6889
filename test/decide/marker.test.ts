import assert from 'node:assert/strict';
import { type MarkedPlace, markBefore } from '../../reconcilers/act/marker.ts';
import type { Records } from '../../reconcilers/model/records.ts';
import { aDataset } from '../builders.ts';

const { signal } = new AbortController();
const OURS = '{"installation":"ours","serial":3}\n';

function aMarkedPlace(text: string | undefined) {
  const written: string[] = [];
  const place: MarkedPlace = {
    site: 'lyon',
    name: 'store disk',
    read: async () => text,
    write: async (marker) => {
      written.push(marker);
    },
  };
  return { place, written };
}

/** What is remembered of places; nothing else is asked for. */
function rememberedOf(marked: readonly string[]) {
  const noted: string[] = [];
  const records = {
    markedPlaces: async () => new Set(marked),
    installation: async () => ({ id: 'ours', serial: 3 }),
    noteMarked: async (_site: string, places: readonly string[]) => {
      noted.push(...places);
    },
    now: async () => 0,
  };
  // The other methods of Records are never called here.
  return { records: records as unknown as Records, noted };
}

describe('marking a place before something is made there', () => {
  const dataset = { dataset: aDataset() };

  it('writes the marker where there never was one', async () => {
    const [{ place, written }, { records, noted }] = [aMarkedPlace(undefined), rememberedOf([])];
    await markBefore([], [place], dataset, records, signal);
    assert.deepEqual([written, noted], [[OURS], ['store disk']]);
  });

  it('writes none where there was one: its disk has gone away since it was looked at', async () => {
    const [{ place, written }, { records }] = [aMarkedPlace(undefined), rememberedOf(['store disk'])];
    const marking = markBefore([], [place], dataset, records, signal);
    await assert.rejects(marking, { name: 'ForeignMarker', message: /has lost its marker/ });
    assert.deepEqual(written, []);
  });

  it('remembers one that is there and is not on record', async () => {
    const [{ place, written }, { records, noted }] = [aMarkedPlace(OURS), rememberedOf([])];
    await markBefore([], [place], dataset, records, signal);
    assert.deepEqual([written, noted], [[], ['store disk']]);
  });
});
