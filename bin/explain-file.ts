/** Asking the very rules that decide, and the systems they ask, about one file. */

import type { Knex } from 'knex';
import { countAhead, type LastFailure, readFilePage } from '../db/queries/why.ts';
import type { StandingWaiver } from '../db/waivers.ts';
import type { Phase } from '../machines/model.ts';
import { withHolders } from '../reconcilers/act/holders.ts';
import { observe, roundsOf } from '../reconcilers/act/observe.ts';
import { consider } from '../reconcilers/decide/consider.ts';
import { RULES } from '../reconcilers/decide/rules/all.ts';
import { type Budget, budgetOf } from '../reconcilers/decide/steps/budget.ts';
import type { PassContext } from '../reconcilers/model/context.ts';
import type { Records } from '../reconcilers/model/records.ts';
import type { DatasetRow, InputRow, OutputRow } from '../reconcilers/model/rows.ts';
import type { PageScope } from '../reconcilers/model/scope.ts';
import type { Stop } from '../reconcilers/model/stops.ts';
import type { SitePorts } from '../reconcilers/ports/ports.ts';
import type { SiteSpec } from '../specs/types.ts';
import type { FailedLog } from './failed-logs.ts';
import type { Session } from './session.ts';

/** What the rules of one phase say of one file now. */
export interface PhaseVerdict {
  readonly phase: Phase;
  /** Steps a pass would take now. */
  readonly steps: readonly { readonly kind: string; readonly because: string }[];
  /** Moves a pass would write now. */
  readonly moves: readonly {
    readonly of: 'file' | 'job';
    readonly from: string;
    readonly to: string;
    readonly because: string;
  }[];
  readonly waits: readonly Stop[];
  /** Systems that did not answer, with what they said. */
  readonly unanswered: ReadonlyMap<string, string>;
}

/** A file to ask about. */
export type Subject =
  | { readonly kind: 'input'; readonly row: InputRow }
  | { readonly kind: 'output'; readonly row: OutputRow; readonly input: InputRow };

/** What is known of one file, and what the rules say of it. */
export interface Why {
  readonly dataset: string;
  readonly subject: Subject;
  readonly lastFailure: LastFailure | null;
  /** While it has trouble: the log of the job or transfer that failed last; null: none did. */
  readonly log: FailedLog | null;
  /** The entry by which a person has waived it; null: none stands. */
  readonly waiver: StandingWaiver | null;
  readonly verdicts: readonly PhaseVerdict[];
  /** Inputs: the outputs that count. */
  readonly outputs: readonly Why[];
}

/** What a pass that looks at everything would know now; reads only. */
export async function contextFor(session: Session, dataset: DatasetRow): Promise<PassContext> {
  const { records } = session;
  const { id: installation } = await records.installation();
  const { traits } = session.siteOf(dataset.loaded.site);
  return {
    dataset,
    installation,
    now: await records.now(),
    resync: true,
    totals: await records.totals(dataset),
    bytes: await records.bytes(dataset),
    traits,
  };
}

export interface Asking {
  readonly knex: Knex;
  readonly records: Records;
  readonly ports: SitePorts;
  readonly context: PassContext;
  readonly storesOf: (site: SiteSpec) => SitePorts['stores'];
  readonly signal: AbortSignal;
}

/** What each phase that concerns the file says of it, as a dry run would; none for a file at its end. */
export async function explainFile(subject: Subject, asking: Asking): Promise<readonly PhaseVerdict[]> {
  const verdicts: PhaseVerdict[] = [];
  for (const phase of phasesOf(subject)) {
    const scope = scopeFor(phase, subject, asking.context);
    if (scope !== undefined) verdicts.push(await askPhase(phase, scope, subject, asking));
  }
  return verdicts;
}

/** The phases that move a file from where it stands. An accepted output is promoted with its input. */
function phasesOf(subject: Subject): readonly Phase[] {
  if (subject.kind === 'output') {
    return subject.row.state === 'accepted' ? ['process'] : ['publish', 'export'];
  }
  const { state, phase } = subject.row;
  switch (state) {
    case 'pending':
      return ['transfer'];
    case 'transferred':
      return ['verify'];
    case 'verified':
    case 'running':
    case 'copied':
      return ['process'];
    case 'done':
      return ['process', 'export'];
    case 'error':
      return phase === null ? [] : [phase];
  }
}

function pageSubject({ kind, row }: Subject): 'inputs' | 'outputs' {
  return kind === 'output' && row.state !== 'accepted' ? 'outputs' : 'inputs';
}

/** The scope in which a pass would come upon the file; undefined where the phase has no use for it. */
function scopeFor(phase: Phase, subject: Subject, context: PassContext): PageScope | undefined {
  const scopes = RULES[phase].scopes(context).filter((scope) => scope.subject === pageSubject(subject));
  if (subject.kind === 'output' && subject.row.state !== 'accepted') {
    return scopes.find((scope) => scope.keys.includes(subject.row.key));
  }
  return scopes.find((scope) => scope.states.some((state) => state === subject.row.state)) ?? scopes[0];
}

async function askPhase(
  phase: Phase,
  scope: PageScope,
  subject: Subject,
  asking: Asking,
): Promise<PhaseVerdict> {
  const { knex, ports, context, signal } = asking;
  const input = subject.kind === 'input' ? subject.row : subject.input;
  const files =
    pageSubject(subject) === 'outputs' && subject.kind === 'output'
      ? { outputs: [subject.row] }
      : { inputs: [input] };
  const rules = RULES[phase];
  const page = await readFilePage(knex, context.dataset, scope, files);
  const { seen: outside, health } = await observe(roundsOf(rules, context, page), ports, context, signal);
  const seen = await withHolders(outside, page, context, asking);
  const budget = await budgetLeft(asking, scope, input);
  const { plan, moves } = consider(rules, context, page, seen, budget);
  return {
    phase,
    steps: plan.steps
      .filter((step) => subject.kind === 'input' || step.names.includes(subject.row.name))
      .map(({ kind, because }) => ({ kind, because })),
    moves: moves.map(({ subject: { kind }, from, to, because }) => ({ of: kind, from, to, because })),
    waits: plan.waits.map((wait) => wait.stop),
    unanswered: new Map([...health].flatMap(([name, why]) => (why === null ? [] : [[name, why]]))),
  };
}

/** What a pass would have left when it comes to this file: those before it take theirs first. */
async function budgetLeft(
  { knex, records, context }: Asking,
  { some, phase }: PageScope,
  input: InputRow,
): Promise<Budget> {
  const { site, spec } = context.dataset.loaded;
  const budget = budgetOf(context, await records.room(site.name, site.batch.maxQueued));
  if (some === null) return budget;
  const ahead = await countAhead(knex, context.dataset, { id: input.id, state: some.state, phase });
  return {
    ...budget,
    jobs: Math.max(0, Math.ceil(budget.jobs - ahead / spec.job.filesPerJob)),
    transfers: Math.max(0, budget.transfers - ahead),
  };
}
