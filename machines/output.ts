/**
 * The life of one output file, from the moment it counts.
 *
 *   accepted ─► promoted ─┬─► declared ─► located ─┬─► copied ─► deleted
 *                         └────────────────────────┘
 *
 * Trouble in declaring, copying or deleting leaves the state as it is and
 * stands in the row's own columns; only losing the bytes ends an output early.
 */
import { setup } from 'xstate';
import type { OutputFact } from './model.ts';

const bytesLost = { 'output.absent': 'lost', 'output.corrupt': 'lost' } as const;

export const outputMachine = setup({
  types: { events: {} as OutputFact },
}).createMachine({
  id: 'output',
  initial: 'accepted',
  states: {
    accepted: { on: { 'output.promoted': 'promoted', ...bytesLost } },
    promoted: { on: { 'output.declared': 'declared', 'output.copied': 'copied', ...bytesLost } },
    declared: { on: { 'output.located': 'located', 'output.retracted': 'promoted', ...bytesLost } },
    located: { on: { 'output.copied': 'copied', ...bytesLost } },
    copied: { on: { 'output.deleted': 'deleted' } },
    deleted: { type: 'final' },
    lost: { type: 'final' },
  },
});

export const OUTPUT_MACHINE_VERSION = 1;
