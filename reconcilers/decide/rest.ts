/** Whether a dataset has come to rest, and where: pure. */

import { PHASES, type Phase } from '../../machines/model.ts';
import type { PassContext } from '../model/context.ts';
import { agreeing, counted } from '../model/counted.ts';
import { holdBy } from '../model/holds.ts';
import { type Stop, type StopCode, stop } from '../model/stops.ts';
import type { Totals } from '../model/totals.ts';
import { stillWritten } from './members/arrivals.ts';
import { datasetStop } from './stops/dataset-stop.ts';
import { failureHold, gateStop, softwareHold } from './stops/gates.ts';
import { suspendedIn, suspendedText } from './stops/suspensions.ts';
import { exported, openInputs, outputsUnderWay } from './wanted/goals.ts';

/** `Rest` says whether a dataset has come to rest, and if not, whether anything moves it. */
export type Rest =
  /** Every file at its goal, every output too, logs archived. */
  | { readonly is: 'settled' }
  /** Something is in motion outside, or will be tried again. */
  | { readonly is: 'moving'; readonly because: string; readonly code: StopCode | null }
  /** Nothing is in motion; the next pass may start something, or is waiting for something. */
  | { readonly is: 'waiting'; readonly because: string; readonly code: StopCode | null }
  /** Nothing moves unless a person does something: `code` is the stop that a person ends. */
  | { readonly is: 'stuck'; readonly because: string; readonly code: StopCode };

type Standing = Pick<PassContext, 'dataset' | 'totals' | 'now'>;

/**
 * What is left to do for a dataset, and whether it gets done by itself.
 *
 * @param phases  those that are gone through: what only another would move does not move
 */
export function restOf(standing: Standing, phases: readonly Phase[]): Rest {
  const { totals } = standing;
  const { foreign } = totals;
  if (foreign !== null) return stuckBy(stop('marker.foreign', foreign.message, foreign.sinceMs));
  // A dataset held by a rule may lack files nobody has been told of.
  const isDoubted = holdBy(standing.dataset, 'held.members') !== undefined;
  if (isSettled(standing) && totals.arriving.files === 0 && !isDoubted) return { is: 'settled' };
  if (inMotion(standing, phases)) return { is: 'moving', because: 'work is in motion', code: null };
  const stopped = stoppedBecause(standing);
  if (stopped !== undefined) return stuckBy(stopped);

  const retrying = phases.reduce((sum, phase) => sum + (totals.retrying[phase] ?? 0), 0);
  if (retrying > 0) {
    const because = `${filesAre(retrying)} in error and tried again by itself`;
    return { is: 'moving', because, code: 'retry.notDue' };
  }
  const failing = isArriving(standing) ? undefined : failureHold(standing);
  if (failing !== undefined && totals.inputs.verified > 0) return stuckBy(failing);
  const full = phases.map((phase) => totals.gates[phase]).find((gate) => gate?.kind === 'refused');
  if (full !== undefined) {
    return { is: 'moving', because: `${full.message}; asked again by itself`, code: 'system.full' };
  }
  const suspended = suspendedWork(standing);
  if (suspended !== undefined) return stuckBy(suspended);
  const open = openInputs(totals) - totals.stopped - totals.blocked;
  const blockedOutputs = Math.max(0, outputsUnderWay(standing) - totals.outputsStopped);
  const forAPerson = totals.stopped + totals.outputsStopped + totals.blocked > 0;
  const arriving = stillWritten(totals.arriving);
  if (arriving !== '' && open + blockedOutputs === 0) {
    const others = forAPerson ? `; ${stoppedFiles(totals).text}` : '';
    return { is: 'waiting', because: `${arriving}${others}`, code: 'arrival.settling' };
  }
  if (open === 0 && forAPerson && unarchived(standing) === 0) {
    return stuckBy(stoppedFiles(totals));
  }
  const silent = silentFiles(standing);
  if (silent > 0 && open + blockedOutputs <= silent) return stuckBy(silence(totals));
  if (totals.unsettling > 0 && isDone(standing)) {
    return stuckBy(unsettlingProblems(totals));
  }
  const left = leftText(standing, open, blockedOutputs);
  return { is: 'waiting', because: arriving === '' ? left : `${left}; ${arriving}`, code: null };
}

function stuckBy({ text, code }: Stop): Rest {
  return { is: 'stuck', because: text, code };
}

/** What is not at its goal yet; where everything is, what is still to be done with it. */
function leftText(standing: Standing, files: number, outputs: number): string {
  const { totals } = standing;
  const parts = [
    ...(files > 0 ? [counted(files, 'file')] : []),
    ...(outputs > 0 ? [counted(outputs, 'output')] : []),
  ];
  if (parts.length > 0) {
    const verb = agreeing(files + outputs, 'is not at its goal', 'are not at their goal');
    return `${parts.join(' and ')} ${verb} yet`;
  }
  if (totals.unreleased > 0) {
    const what = agreeing(totals.unreleased, 'replica of a raw file is', 'replicas of raw files are');
    return `${totals.unreleased} ${what} not released yet`;
  }
  const logs = unarchived(standing);
  if (logs > 0) return `the logs of ${counted(logs, 'submission')} are not archived yet`;
  const { done } = totals.inputs;
  if (done > 0) return `${filesAre(done)} done; a pass of export is still to say that all is copied`;
  return 'it has no file yet';
}

/** What nothing is known of for too long counts as at rest: nothing but a person's word may end it. */
function inMotion({ totals }: Standing, phases: readonly Phase[]): boolean {
  const { liveJobs, liveTransfers, silent } = totals;
  if (phases.includes('process') && liveJobs > silent.jobs) return true;
  const moves = phases.includes('transfer') || phases.includes('export');
  return moves && liveTransfers > silent.transfers;
}

/** At most so many files are in the hands of jobs and transfers of which nothing is known. */
function silentFiles({ dataset, totals }: Standing): number {
  return totals.silent.jobs * dataset.loaded.spec.job.filesPerJob + totals.silent.transfers;
}

function silence({ silent }: Totals): Stop {
  const parts = [
    ...(silent.jobs > 0 ? [counted(silent.jobs, 'job')] : []),
    ...(silent.transfers > 0 ? [counted(silent.transfers, 'transfer')] : []),
  ];
  const what = `nothing is known of ${parts.join(' and ')} for too long`;
  return stop('work.silent', `${what}; see \`rereco errors\`, then \`rereco settle\``);
}

const filesAre = (files: number) => `${counted(files, 'file')} ${agreeing(files, 'is', 'are')}`;

function isSettled(standing: Standing): boolean {
  return isDone(standing) && standing.totals.unsettling === 0;
}

/** Every file and output is at its goal, as far as what is on record tells. */
function isDone(standing: Standing): boolean {
  const { totals } = standing;
  const uncopied = exported(standing).length > 0 ? totals.inputs.done : 0;
  const files = Object.values(totals.inputs).reduce((sum, count) => sum + count, 0);
  const outputs = outputsUnderWay(standing) + uncopied;
  const left =
    openInputs(totals) + outputs + unarchived(standing) + totals.unreleased + totals.outputsStopped;
  return files > 0 && left === 0;
}

function unarchived({ dataset, totals }: Standing): number {
  return dataset.loaded.spec.archive === null ? 0 : totals.unarchived;
}

/** Why nothing more is begun until a person does something, and what. */
function stoppedBecause(standing: Standing): Stop | undefined {
  const { totals } = standing;
  const resting = datasetStop(standing);
  if (resting !== undefined) return resting;
  const rejected = PHASES.find((phase) => totals.gates[phase]?.kind === 'rejected');
  if (rejected !== undefined) {
    const gate = gateStop(standing, rejected);
    if (gate !== undefined) return gate;
  }
  return isArriving(standing) ? undefined : softwareHold(standing);
}

/** Why people keep a phase from going on in which something stands, and who; undefined where none do. */
function suspendedWork(standing: Standing): Stop | undefined {
  const { totals } = standing;
  const { pending, transferred, verified } = totals.inputs;
  const outputs = Math.max(0, outputsUnderWay(standing) - totals.outputsStopped);
  const standsIn: Readonly<Record<Phase, number>> = {
    ...{ transfer: pending, verify: transferred, process: verified },
    ...{ publish: outputs, export: outputs + totals.unreleased, archive: unarchived(standing) },
  };
  const bites = PHASES.filter((phase) => standsIn[phase] > 0);
  const [hold] = bites.flatMap((phase) => suspendedIn(standing, phase));
  return hold && stop('suspended.byPerson', suspendedText(hold), hold.sinceMs);
}

/** Files still on their way here go on; only what comes after them is held. */
function isArriving({ totals }: Standing): boolean {
  return totals.inputs.pending + totals.inputs.transferred > 0;
}

function stoppedFiles({ stopped, outputsStopped, blocked }: Totals): Stop {
  if (stopped + outputsStopped === 0) {
    const text = `${filesAre(blocked)} waiting for places that other files have; see \`rereco errors\``;
    return stop('place.taken', text);
  }
  const orWaive = stopped === 0 ? '' : ', or `rereco waive`';
  const todo = `see \`rereco errors\`, then \`rereco clean\`${orWaive}`;
  return stop('failed.forGood', `${filesAre(stopped + outputsStopped)} in error for good; ${todo}`);
}

function unsettlingProblems({ unsettling }: Totals): Stop {
  const what = `${counted(unsettling, 'problem')} ${agreeing(unsettling, 'needs', 'need')}`;
  return stop('problem.open', `everything is done, but ${what} a person; see \`rereco errors\``);
}
