/**
 * The life of one output file, from the moment it counts.
 *
 *   accepted ─► promoted ─┬─► declared ─► located ─┬─► copied ─► deleted
 *                 ▲       └────────────────────────┘      │
 *                 └──────────── far copy lost ────────────┘
 *
 * An output ends where its bytes are lost, or its input is taken anew as its source has it now.
 * Trouble in declaring, copying or deleting leaves the state as it is and
 * stands in the row's own columns. An output whose far copy is lost is promoted
 * again: what the catalog knows of it is then found there once more. Where it was
 * deleted here, it is lost.
 */
import { setup } from 'xstate';
import type { OutputFact } from './model.ts';

/** The input is taken anew: what was made of the bytes it had does not count, wherever it is. */
const superseded = { 'output.superseded': 'lost' } as const;

const bytesLost = { 'output.absent': 'lost', 'output.corrupt': 'lost', ...superseded } as const;
const farLost = <S extends string>(next: S) => ({ 'far.absent': next, 'far.corrupt': next }) as const;

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
    copied: { on: { 'output.deleted': 'deleted', ...farLost('promoted'), ...bytesLost } },
    deleted: { on: { ...farLost('lost'), ...superseded } },
    lost: { type: 'final' },
  },
});

export const OUTPUT_MACHINE_VERSION = 1;
