/** Comparing an answer about a dataset's members with those known, in the database: it may hold millions. */
import type { Knex } from 'knex';
import { BY_RULE } from '../machines/model.ts';
import type { Member, MembersOutcome, MembersTaken } from '../reconcilers/model/records.ts';
import type { DatasetRow } from '../reconcilers/model/rows.ts';
import { noteHolds } from './holds.ts';
import { answerDigest, stage } from './members/answer.ts';
import { forgetArrived, keepApart } from './members/arrivals.ts';
import { summarize } from './members/compare.ts';
import { writeChanged, writeProblems } from './members/problems.ts';
import { followSources, hasOtherSources } from './members/sources.ts';
import { correct, retire, write } from './members/write.ts';

/** Compare an answer with what is known, and write it where it is believed; one transaction. */
export async function reconcileMembers(
  knex: Knex,
  dataset: DatasetRow,
  ask: () => AsyncIterable<readonly Member[]>,
  how: MembersTaken,
  holder: string,
): Promise<MembersOutcome> {
  const same = how.repeatable ? await sameAnswer(knex, dataset, ask()) : undefined;
  return same ?? knex.transaction((tx) => takeAnswer(tx, dataset, ask(), { ...how, holder }));
}

/** Correct members that an answer about some of them names; the others stay as they are. */
export async function correctMembers(
  knex: Knex,
  dataset: DatasetRow,
  answer: AsyncIterable<readonly Member[]>,
  by: { readonly now: number; readonly holder: string },
): Promise<{ readonly corrected: number; readonly moved: number }> {
  return knex.transaction(async (tx) => {
    await stage(tx, dataset, answer);
    const { corrected } = await summarize(tx, dataset);
    await correct(tx, dataset, by.now);
    return { corrected, moved: await followSources(tx, dataset, by) };
  });
}

/** Note which files that were processed in place are not what they were, by what their store says of them. @returns how many are new */
export async function noteChanged(
  knex: Knex,
  dataset: DatasetRow,
  answer: AsyncIterable<readonly Member[]>,
  now: number,
): Promise<number> {
  return knex.transaction(async (tx) => {
    await stage(tx, dataset, answer);
    return writeChanged(tx, dataset, now);
  });
}

/** The summary of an answer that is the one taken last; it is read without a look at what is known. */
async function sameAnswer(knex: Knex, dataset: DatasetRow, answer: AsyncIterable<readonly Member[]>) {
  const { members_digest: last } = await knex('datasets').where({ id: dataset.id }).first('members_digest');
  if (last === null || dataset.holds.some(({ code }) => code === 'held.members')) return undefined;
  const digest = answerDigest();
  let answered = 0;
  for await (const members of answer) {
    digest.add(members);
    answered += members.length;
  }
  if (digest.of(dataset) !== last) return undefined;
  const unchanged = {
    added: 0,
    gone: 0,
    corrected: 0,
    contradicted: 0,
    arriving: 0,
    twice: null,
    held: null,
    moved: 0,
  };
  return { known: answered, answered, ...unchanged };
}

/** Stage an answer, summarize it, and write it where it is believed. */
async function takeAnswer(
  tx: Knex,
  dataset: DatasetRow,
  answer: AsyncIterable<readonly Member[]>,
  { decide, onlyGrows, repeatable, now, listedMs, holder }: MembersTaken & { readonly holder: string },
): Promise<MembersOutcome> {
  const digest = await stage(tx, dataset, answer);
  const arriving = await keepApart(tx, dataset, { now, listedMs: listedMs?.() ?? now });
  const summary = { ...(await summarize(tx, dataset)), arriving };
  const verdict = decide(summary);
  let moved = 0;
  if (verdict === 'apply') {
    await write(tx, dataset, now);
    moved = await followSources(tx, dataset, { now, holder });
    if (!onlyGrows) await retire(tx, dataset, now);
    await writeProblems(tx, dataset, now);
    await forgetArrived(tx, dataset);
    // An answer of which something is left to be taken later must be compared again, though it stays the same.
    const left = arriving + summary.contradicted > 0 || (await hasOtherSources(tx, dataset));
    const known = repeatable && !left ? digest : null;
    await tx('datasets')
      .where({ id: dataset.id })
      .update({ members_input: dataset.loaded.inputDigest, members_digest: known, members_kept: null });
  }
  const held = typeof verdict === 'object' && 'hold' in verdict ? verdict.hold : null;
  const by = { by: BY_RULE, holder, nowMs: now, because: 'its members are answered as they should be' };
  await noteHolds(tx, dataset, [{ code: 'held.members', reason: held }], by);
  await tx('datasets').where({ id: dataset.id }).update({ members_ms: now });
  const isKept = typeof verdict === 'object' && 'keep' in verdict;
  const untaken = isKept ? { added: 0, gone: 0, corrected: 0, contradicted: 0 } : {};
  return { ...summary, ...untaken, held, moved };
}

/** Which of these names are inputs of a dataset. */
export async function knownAmong(
  knex: Knex,
  dataset: DatasetRow,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await knex.raw(
    "SELECT name FROM file_details WHERE dataset_id = ? AND kind = 'input' AND name = ANY(?)",
    [dataset.id, [...names]],
  );
  return new Set(rows.map((row: { name: string }) => row.name));
}
