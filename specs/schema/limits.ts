import { PHASES } from '../../machines/model.ts';
import { group, quantity, type Schema, whole } from './field.ts';

const BUDGETS: Schema = group(
  'Steps of a kind in one pass; past it no more are taken and the pass says so.',
  {
    delete: whole('in place', 'Deletions in one pass.', { minimum: 0, default: 1000 }),
    quarantine: whole('in place', 'Files quarantined in one pass.', { minimum: 0, default: 1000 }),
    cancel: whole('in place', 'Jobs cancelled in one pass.', { minimum: 0, default: 1000 }),
  },
  { default: {} },
);

/** The schema of `spec.limits`: how much happens at a time. */
export const LIMITS: Schema = group(
  "How much happens at a time, and when to stop. What is not given here is the site's.",
  {
    transfers: whole('in place', 'Files in transfer at a time.', { default: 100 }),
    jobs: whole('in place', 'Jobs queued or running at a time.', { default: 1000 }),
    scouts: whole('in place', 'Files that go first, alone; 0: none.', { minimum: 0, default: 0 }),
    maxFailedShare: quantity(
      'in place',
      'share',
      'The share of failed files past which the dataset is held, judged once five have failed.',
      { default: '20%' },
    ),
    budgets: BUDGETS,
  },
  { default: {} },
);

function retryOf(phase: string): Schema {
  return group(
    `How often the phase ${phase} is tried again.`,
    {
      attempts: whole('in place', 'Attempts before the file waits for a person.', { default: 5 }),
      first: quantity('in place', 'time', 'The wait after the first failure; it doubles each time.', {
        default: '1m',
      }),
      longest: quantity('in place', 'time', 'The longest wait.', { default: '1h' }),
    },
    { default: {} },
  );
}

/** The schema of `spec.retry`: how often each phase is tried again. */
export const RETRY: Schema = group(
  'How often each phase is tried again, and after how long.',
  Object.fromEntries(PHASES.map((phase) => [phase, retryOf(phase)])),
  { default: {} },
);
