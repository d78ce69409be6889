/** Asking the very rules that decide, and the systems they ask, about one file. */

import type { Knex } from 'knex';
import { countAhead, type LastFailure, readFilePage } from '../db/queries/why.ts';
import type { StandingWaiver } from '../db/waivers.ts';
import type { Phase } from '../machines/model.ts';
import { withHolders } from '../reconcilers/act/holders.ts';
import { observe, roundsOf } from '../reconcilers/act/observe.ts';
import { type Answers, answersOf, type First, firstOf, type Subject } from '../reconcilers/decide/answer.ts';
import { consider } from '../reconcilers/decide/consider.ts';
import { phasesOf, subjectIsAtGoal, subjectOfPage, togetherOf } from '../reconcilers/decide/phases-of.ts';
import { RULES } from '../reconcilers/decide/rules/all.ts';
import { decideDone } from '../reconcilers/decide/rules/done.ts';
import { type Budget, budgetOf } from '../reconcilers/decide/steps/budget.ts';
import type { PassContext } from '../reconcilers/model/context.ts';
import type { Records } from '../reconcilers/model/records.ts';
import type { DatasetRow, InputRow } from '../reconcilers/model/rows.ts';
import type { PageScope } from '../reconcilers/model/scope.ts';
import type { SitePorts } from '../reconcilers/ports/ports.ts';
import type { SiteSpec } from '../specs/types.ts';
import type { FailedLog } from './failed-logs.ts';
import type { Session } from './session.ts';

/** What the rules of one phase say of one file now. */
export interface PhaseVerdict extends Answers {
  readonly phase: Phase;
  /** Systems that did not answer, with what they said. */
  readonly unanswered: ReadonlyMap<string, string>;
}

/** What is known of one file, and what the rules say of it. */
export interface Why {
  readonly dataset: string;
  readonly subject: Subject;
  readonly atGoal: boolean;
  /** The step, stop or move that decides; null: there is nothing more to do. */
  readonly first: First | null;
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

/** What the rules say of a file, as a dry run of the phases that concern it would. */
export interface Explained {
  readonly atGoal: boolean;
  readonly first: First | null;
  readonly verdicts: readonly PhaseVerdict[];
}

/** What each phase that concerns the file says of it, and which of that decides. */
export async function explainFile(subject: Subject, asking: Asking): Promise<Explained> {
  const verdicts: PhaseVerdict[] = [];
  for (const phase of phasesOf(subject)) {
    const scope = scopeFor(phase, subject, asking.context);
    if (scope !== undefined) verdicts.push(await askPhase(phase, scope, subject, asking));
  }
  verdicts.push(...ofDone(subject, asking.context));
  return {
    atGoal: subjectIsAtGoal(asking.context, subject),
    first: firstOf(togetherOf(verdicts)) ?? null,
    verdicts,
  };
}

/** What a file that is done waits for is asked of no system. */
function ofDone(subject: Subject, context: PassContext): readonly PhaseVerdict[] {
  const done = subject.kind === 'input' ? decideDone(context, subject.row) : undefined;
  if (done === undefined) return [];
  const said = answersOf('export', subject, { decided: [done], moves: [] });
  return [{ phase: 'export', ...said, unanswered: new Map() }];
}

/** The scope in which a pass would come upon the file; undefined where the phase has no use for it. */
function scopeFor(phase: Phase, subject: Subject, context: PassContext): PageScope | undefined {
  const scopes = RULES[phase].scopes(context).filter((scope) => scope.subject === subjectOfPage(subject));
  if (subject.kind === 'output' && subject.row.state !== 'accepted') {
    return scopes.find((scope) => scope.keys.includes(subject.row.key));
  }
  const inState = scopes.find((scope) => scope.states.some((state) => state === subject.row.state));
  return inState ?? (phase === 'export' ? undefined : scopes[0]);
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
    subjectOfPage(subject) === 'outputs' && subject.kind === 'output'
      ? { outputs: [subject.row] }
      : { inputs: [input] };
  const rules = RULES[phase];
  const page = await readFilePage(knex, context.dataset, scope, files);
  const { seen: outside, health } = await observe(roundsOf(rules, context, page), ports, context, signal);
  const seen = await withHolders(outside, page, context, asking);
  const budget = await budgetLeft(asking, scope, input);
  return {
    phase,
    ...answersOf(phase, subject, consider(rules, context, page, seen, budget)),
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
