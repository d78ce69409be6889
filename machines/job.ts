/**
 * The life of one job of a submission.
 *
 *   pending ─► running ─► done | error
 *      └───────────┴────► lost          (told apart: nobody knows how it ended)
 */
import { setup } from 'xstate';
import type { JobFact } from './model.ts';

const ended = { 'job.succeeded': 'done', 'job.failed': 'error', 'job.vanished': 'lost' } as const;

export const jobMachine = setup({
  types: { events: {} as JobFact },
}).createMachine({
  id: 'job',
  initial: 'pending',
  states: {
    pending: { on: { 'job.started': 'running', ...ended } },
    running: { on: ended },
    done: { type: 'final' },
    error: { type: 'final' },
    lost: { type: 'final' },
  },
});
