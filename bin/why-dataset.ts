/** Why files of a dataset are not at their goal: all of them, by what is on record, grouped by what they wait for. */
import type { Knex } from 'knex';
import { readSilentSystems, type SilentSystem } from '../db/queries/obstacles.ts';
import { type AlikeCount, countAlikeInputs, countAlikeOutputs, type Telling } from '../db/queries/waits.ts';
import { readFilePage, readInputs, readOutputs } from '../db/queries/why.ts';
import { type FileId, PHASES, type Phase } from '../machines/model.ts';
import { WAITING_PROBLEMS } from '../machines/problems.ts';
import { type Answers, answersOf, type Subject } from '../reconcilers/decide/answer.ts';
import { phasesOf, subjectOfPage, togetherOf } from '../reconcilers/decide/phases-of.ts';
import { presume } from '../reconcilers/decide/presume.ts';
import { RULES } from '../reconcilers/decide/rules/all.ts';
import { decideDone } from '../reconcilers/decide/rules/done.ts';
import { budgetOf } from '../reconcilers/decide/steps/budget.ts';
import { heldAlike } from '../reconcilers/decide/stops/alike.ts';
import { systemsFor } from '../reconcilers/decide/stops/suspensions.ts';
import { type Alike, type WaitGroup, waitGroups } from '../reconcilers/decide/waits.ts';
import { exported, goalStates } from '../reconcilers/decide/wanted/goals.ts';
import type { PassContext } from '../reconcilers/model/context.ts';
import type { Records } from '../reconcilers/model/records.ts';
import { scopeOf } from '../reconcilers/model/scope.ts';
import { type Stop, stop } from '../reconcilers/model/stops.ts';

interface Asking {
  readonly knex: Knex;
  readonly records: Records;
  readonly context: PassContext;
}

/** What all files wait for that are not at their goal. Asks no system: it presumes that all is as it was seen last. */
export async function explainDataset(asking: Asking): Promise<readonly WaitGroup[]> {
  const { knex, records, context } = asking;
  const { site, spec } = context.dataset.loaded;
  const counts = await countsOf(asking);
  const answers = await answersAbout(
    counts.map(({ subject }) => subject),
    asking,
  );
  const ids = counts.map(({ subject }) => subject.row.id);
  const told = await records.toldOf(context.dataset, ids, [...WAITING_PROBLEMS]);
  const silent = await readSilentSystems(knex, [site.name]);
  const alike = counts.map((count): Alike => {
    const { subject } = count;
    const said = answers.get(subject.row.id) ?? togetherOf([]);
    const problem = told.find(({ fileId }) => fileId === subject.row.id) ?? null;
    return { ...count, answers: said, problem, silent: silentOf(context, subject, said, silent) };
  });
  const budget = budgetOf(context, await records.room(site.name, site.batch.maxQueued));
  return waitGroups(alike, budget, spec.job.filesPerJob);
}

/** The system that a file needs and that did not answer when it was asked last. */
function silentOf(
  context: PassContext,
  subject: Subject,
  { steps, waits }: Answers,
  systems: readonly SilentSystem[],
): Stop | null {
  const spoken = [...steps, ...waits].map(({ phase }) => phase);
  const phases = spoken.length === 0 ? phasesOf(subject) : spoken;
  const about =
    subject.kind === 'input'
      ? { sourceStore: subject.row.sourceStore, outputKey: null }
      : { sourceStore: null, outputKey: subject.row.key };
  const needed = new Set(phases.flatMap((phase) => systemsFor(context, phase, about)));
  const silent = systems.find(({ name }) => needed.has(name));
  if (silent === undefined) return null;
  return stop('system.silent', `no answer from ${silent.name}: ${silent.message}`, silent.sinceMs);
}

type Counted = Pick<Alike, 'subject' | 'last' | 'files' | 'sinceMs'>;

async function countsOf({ knex, context }: Asking): Promise<readonly Counted[]> {
  const telling = tellingOf(context);
  const inputs = await countAlikeInputs(knex, context.dataset, telling);
  const outputs = await countAlikeOutputs(knex, context.dataset, telling);
  const outputRows = await readOutputs(knex, idsOf(outputs));
  const inputRows = await readInputs(knex, [...idsOf(inputs), ...outputRows.map((row) => row.inputId)]);
  const inputOf = new Map(inputRows.map((row) => [row.id, row]));
  const outputOf = new Map(outputRows.map((row) => [row.id, row]));
  return [
    ...inputs.flatMap(({ id, lastId, ...count }): readonly Counted[] => {
      const [row, last] = [inputOf.get(id), inputOf.get(lastId)];
      return row && last ? [{ ...count, subject: { kind: 'input', row }, last: last.name }] : [];
    }),
    ...outputs.flatMap(({ id, lastId, ...count }): readonly Counted[] => {
      const [row, last] = [outputOf.get(id), outputOf.get(lastId)];
      const input = row && inputOf.get(row.inputId);
      return row && last && input
        ? [{ ...count, subject: { kind: 'output', row, input }, last: last.name }]
        : [];
    }),
  ];
}

function tellingOf(context: PassContext): Telling {
  const { input, outputs } = context.dataset.loaded.spec;
  return {
    now: context.now,
    doneIsGoal: exported(context).length === 0,
    byRun: input.runs !== null || outputs.some((output) => output.export?.when === 'runDone'),
    signature: heldAlike(context.totals)?.signature ?? null,
    goals: goalStates(context),
  };
}

const idsOf = (counts: readonly AlikeCount[]) => counts.flatMap(({ id, lastId }) => [id, lastId]);

/** What the rules of each phase say of files, by their ids. */
async function answersAbout(
  subjects: readonly Subject[],
  asking: Asking,
): Promise<ReadonlyMap<FileId, Answers>> {
  const said: { readonly id: FileId; readonly answers: Answers }[] = [];
  for (const phase of PHASES) {
    const about = subjects.filter((subject) => phasesOf(subject).includes(phase));
    for (const kind of ['inputs', 'outputs'] as const) {
      const alike = about.filter((subject) => subjectOfPage(subject) === kind);
      said.push(...(await askPhase(phase, kind, alike, asking)));
    }
  }
  return new Map(
    subjects.map(({ row: { id } }) => [
      id,
      togetherOf(said.flatMap((one) => (one.id === id ? [one.answers] : []))),
    ]),
  );
}

async function askPhase(
  phase: Phase,
  kind: 'inputs' | 'outputs',
  subjects: readonly Subject[],
  { knex, context }: Asking,
) {
  if (subjects.length === 0) return [];
  const scope = scopeOf(phase, context, {
    subject: kind,
    withOutputs: phase === 'process',
    attemptsOf: phase === 'verify' ? 'transfer' : phase,
  });
  const inputs = subjects.map((subject) => (subject.kind === 'input' ? subject.row : subject.input));
  const outputs = subjects.flatMap((subject) => (subject.kind === 'output' ? [subject.row] : []));
  const page = await readFilePage(knex, context.dataset, scope, kind === 'inputs' ? { inputs } : { outputs });
  const { decided, moves } = presume(RULES[phase], context, page);
  const done = phase === 'export' ? inputs.flatMap((input) => decideDone(context, input) ?? []) : [];
  const all = { decided: kind === 'inputs' ? [...done, ...decided] : decided, moves };
  return subjects.map((subject) => ({ id: subject.row.id, answers: answersOf(phase, subject, all) }));
}
