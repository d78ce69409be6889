/** Asking of every file of a play why it is where it is. */
import assert from 'node:assert/strict';
import { explainDataset } from '../../bin/why-dataset.ts';
import type { Explained } from '../../bin/why-file.ts';
import { explainFile } from '../../bin/why-file.ts';
import { readInput, readOutput } from '../../db/queries/why.ts';
import type { Subject } from '../../reconcilers/decide/answer.ts';
import { subjectIsAtGoal } from '../../reconcilers/decide/phases-of.ts';
import type { PassContext } from '../../reconcilers/model/context.ts';
import type { Play } from './play.ts';

/** What a pass that looks at everything would know. */
export async function contextOf(play: Play): Promise<PassContext> {
  const { records, traits } = play.around;
  const dataset = await play.dataset();
  const { id: installation } = await records.installation();
  const [totals, bytes] = [await records.totals(dataset), await records.bytes(dataset)];
  return { dataset, installation, now: play.clock.now, resync: true, totals, bytes, traits };
}

/** Every file of the dataset that is on record. */
export async function subjectsOf(
  { database: { knex } }: Play,
  datasetId: number,
): Promise<readonly Subject[]> {
  const subjects: Subject[] = [];
  const inputs = await knex('input_states').where({ dataset_id: datasetId }).orderBy('file_id');
  for (const { file_id: id } of inputs) {
    const row = await readInput(knex, id);
    if (row !== undefined) subjects.push({ kind: 'input', row });
  }
  const outputs = await knex('output_states').where({ dataset_id: datasetId }).orderBy('file_id');
  for (const { file_id: id } of outputs) {
    const row = await readOutput(knex, id);
    const input = row && (await readInput(knex, row.inputId));
    if (row !== undefined && input !== undefined) subjects.push({ kind: 'output', row, input });
  }
  return subjects;
}

/**
 * Hold that every file that is not at its goal has a first step, stop or move, made by a rule, and
 * that the groups of files that wait count each of them once.
 */
export async function everyFileIsExplained(play: Play): Promise<void> {
  const context = await contextOf(play);
  const subjects = await subjectsOf(play, context.dataset.id);
  const groups = await explainDataset({ knex: play.database.knex, records: play.around.records, context });
  for (const kind of ['input', 'output'] as const) {
    const open = subjects.filter((one) => one.kind === kind && !subjectIsAtGoal(context, one));
    const counted = groups.reduce((sum, group) => sum + group[`${kind}s`], 0);
    assert.equal(counted, open.length, `${kind}s that are not at their goal`);
  }
  for (const subject of subjects) {
    const { atGoal, first } = await explain(play, context, subject);
    const { name, state } = subject.row;
    if (!atGoal) assert.ok(first, `nothing says why ${subject.kind} ${name} is ${state}`);
    if (first && first.is !== 'move') assert.notEqual(first.rule, '', `the rule about ${name} has no name`);
  }
}

function explain(play: Play, context: PassContext, subject: Subject): Promise<Explained> {
  const { records, ports, storesOf, signal } = play.around;
  const { knex } = play.database;
  return explainFile(subject, { knex, records, ports, context, storesOf, signal });
}
