/** The commands there are. */
import type { Command } from './command.ts';

type Commands = Readonly<Record<string, () => Promise<Command>>>;

/** By what they are for. Each is loaded when it is needed: loading them all takes longer than most do their work. */
export const GROUPS: Readonly<Record<string, Commands>> = {
  'every day': {
    validate: async () => (await import('./commands/validate.ts')).validateCommand,
    reconcile: async () => (await import('./commands/reconcile.ts')).reconcileCommand,
    watch: async () => (await import('./commands/watch.ts')).watchCommand,
    status: async () => (await import('./commands/status.ts')).statusCommand,
  },
  look: {
    get: async () => (await import('./commands/get.ts')).getCommand,
    why: async () => (await import('./commands/why.ts')).whyCommand,
    history: async () => (await import('./commands/history.ts')).historyCommand,
    errors: async () => (await import('./commands/errors.ts')).errorsCommand,
    ledger: async () => (await import('./commands/ledger.ts')).ledgerCommand,
    logs: async () => (await import('./commands/logs.ts')).logsCommand,
    explain: async () => (await import('./commands/explain.ts')).explainCommand,
  },
  repair: {
    clean: async () => (await import('./commands/clean.ts')).cleanCommand,
    resubmit: async () => (await import('./commands/clean.ts')).resubmitCommand,
    suspend: async () => (await import('./commands/suspend.ts')).suspendCommand,
    resume: async () => (await import('./commands/suspend.ts')).resumeCommand,
    waive: async () => (await import('./commands/waive.ts')).waiveCommand,
    settle: async () => (await import('./commands/settle.ts')).settleCommand,
    dataset: async () => (await import('./commands/dataset.ts')).datasetCommand,
  },
  administer: {
    completion: async () => (await import('./commands/completion.ts')).completionCommand,
    db: async () => (await import('./commands/db.ts')).dbCommand,
    demo: async () => (await import('./commands/demo.ts')).demoCommand,
  },
};

/** All of them by name. */
export const COMMANDS: Commands = Object.assign({}, ...Object.values(GROUPS));

/** Their names, in the order of the help. */
export function allCommandNames(): readonly string[] {
  return Object.keys(COMMANDS);
}

/** The command of this name; undefined where there is none. */
export async function commandNamed(name: string): Promise<Command | undefined> {
  return Object.hasOwn(COMMANDS, name) ? COMMANDS[name]?.() : undefined;
}
