/**
 * The life of one input file.
 *
 *   pending ─► transferred ─► verified ─► running ─► done ◄─► copied
 *      ▲            ▲  │          ▲ │         │         │         │
 *      └── error ◄──┼──┴──────────┼─┴─────────┴─────────┴─────────┤
 *            └──────┴── by phase ─┴── or processed anew ──────────┘
 *
 * The machine is a table of what may happen; it never does anything. Its context
 * holds only what its guards read, so that rows alike in (state, context, fact)
 * share one transition (see advance.ts).
 */
import { assign, setup } from 'xstate';
import type { Fault, FileFact, Phase } from './model.ts';

export interface FileContext {
  /** The phase that failed; null outside `error`. */
  readonly phase: Phase | null;
  /** Whose answer was at fault, where a check failed; else null. */
  readonly fault: Fault | null;
}

const toError = (phase: Phase, fault: Fault | null) =>
  ({ target: 'error', actions: { type: 'blame', params: { phase, fault } } }) as const;

/** A check that fails on the catalog's side leaves the bytes alone; the guard reads the fact itself. */
const checkFailed = [
  { guard: 'catalogAtFault', ...toError('verify', 'catalog') },
  toError('verify', 'copy'),
] as const;

/** Where a file goes on from, once its error is forgiven. */
const byPhase = [
  { guard: 'onlyTheCatalogWasWrong', target: 'transferred' },
  { guard: 'bytesAreBad', target: 'pending' },
  { guard: 'jobFailed', target: 'verified' },
] as const;

/** The raw copy decides how far back a file goes that is to be processed anew. */
const outdated = [{ guard: 'rawCopyIsGone', target: 'pending' }, { target: 'verified' }] as const;

/** A person takes a file as its source has it now, whatever was made of the bytes it had. */
const replaced = { 'source.replaced': 'pending' } as const;

export const fileMachine = setup({
  types: { context: {} as FileContext, events: {} as FileFact },
  guards: {
    onlyTheCatalogWasWrong: ({ context }) => context.phase === 'verify' && context.fault === 'catalog',
    bytesAreBad: ({ context }) => context.phase === 'transfer' || context.phase === 'verify',
    jobFailed: ({ context }) => context.phase === 'process',
    catalogAtFault: ({ event }) => event.type === 'check.failed' && event.fault === 'catalog',
    rawCopyIsGone: ({ event }) => event.type === 'processing.outdated' && event.rawCopy === 'gone',
  },
  actions: {
    blame: assign((_, params: FileContext) => ({ phase: params.phase, fault: params.fault })),
    forgive: assign({ phase: null, fault: null }),
  },
}).createMachine({
  id: 'file',
  initial: 'pending',
  context: { phase: null, fault: null },
  states: {
    pending: {
      on: {
        'copy.present': 'transferred',
        'transfer.failed': toError('transfer', null),
      },
    },
    transferred: {
      on: {
        'copy.absent': 'pending',
        'check.passed': 'verified',
        'check.failed': checkFailed,
      },
    },
    verified: {
      on: {
        ...replaced,
        'copy.absent': 'pending',
        'job.accepted': 'running',
        'check.failed': checkFailed,
      },
    },
    running: {
      on: {
        ...replaced,
        'job.succeeded': 'done',
        'job.failed': toError('process', null),
        'job.lost': toError('process', null),
        'check.failed': checkFailed,
        'processing.outdated': outdated,
        'operator.cleaned': 'verified',
      },
    },
    done: {
      on: {
        ...replaced,
        'outputs.copied': 'copied',
        'output.absent': toError('process', null),
        'output.corrupt': toError('process', null),
        'processing.outdated': outdated,
      },
    },
    copied: {
      on: {
        'outputs.missing': 'done',
        'output.absent': toError('process', null),
        'output.corrupt': toError('process', null),
        'processing.outdated': outdated,
        ...replaced,
      },
    },
    error: {
      on: {
        'retry.due': byPhase.map((way) => ({ ...way, actions: 'forgive' as const })),
        'operator.cleaned': byPhase.map((way) => ({ ...way, actions: 'forgive' as const })),
        'difference.waived': { target: 'done', actions: 'forgive' },
        /** The file stays what it is; a row with a name and a reason settles it. */
        'input.waived': {},
      },
    },
  },
});

/** Raised when a state or guard changes its meaning, so that old rows can be told apart. */
export const FILE_MACHINE_VERSION = 1;
