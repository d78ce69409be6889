/** The final places that a decision makes something in, and those that it takes something away from. */
import { type FileId, OWN_FOLDER, type StorePath } from '../../../machines/model.ts';
import type { PassContext } from '../../model/context.ts';
import type { ClaimKind } from '../../model/holders.ts';
import type { InputRow, OutputRow } from '../../model/rows.ts';
import type { Decided, Decision, Step } from '../../model/steps.ts';
import type { Standing } from '../change/change-of.ts';
import { archivePath } from '../steps/intents.ts';
import { companionPath, wantedFarPath, wantedOutputs } from '../wanted/wanted.ts';

/** A final place that is to belong to an input, or to the dataset where the input is null. */
export interface WantedPlace {
  readonly store: string;
  readonly path: StorePath;
  readonly kind: ClaimKind;
  readonly inputId: FileId | null;
  readonly input: string | null;
  readonly outputKey: string | null;
}

/** A final place that is to be empty afterwards, and the input whose file lay there. */
export interface EmptiedPlace {
  readonly store: string;
  readonly path: StorePath;
  readonly input: string;
  /** The file that a problem is told of; null: nobody can say. */
  readonly fileId: FileId | null;
}

type Campaign = Pick<PassContext, 'dataset' | 'installation'>;

/** The final places of a decision to do something; empty where it makes none. */
export function placesMade(
  context: PassContext,
  decision: Decision,
  standing: Standing,
): readonly WantedPlace[] {
  switch (decision.do) {
    case 'submit':
      return placesOfJob(context, decision.input);
    case 'copy':
      return farPlaces(context, standing.output(decision.move.fileId), standing);
    case 'step':
      return placesOfStep(context, decision.step, standing);
    default:
      return [];
  }
}

/** The same of a step of a plan: a submission or a copy has those of each of its files. */
export function placesOfStep(context: Campaign, step: Step, standing: Standing): readonly WantedPlace[] {
  switch (step.kind) {
    case 'submit':
      return step.jobs.flat().flatMap((input) => placesOfJob(context, input));
    case 'copy':
      return step.moves.flatMap(({ fileId }) => farPlaces(context, standing.output(fileId), standing));
    case 'archive':
      return [archivePlace(context, step)];
    case 'promote':
      return promoted(context, step, standing);
    default:
      return [];
  }
}

function promoted(context: Campaign, step: Step<'promote'>, standing: Standing): readonly WantedPlace[] {
  switch (step.of) {
    case 'raw copy':
      return [];
    case 'output': {
      const { store, to, outputKey } = step;
      return [{ store, path: to, kind: 'output', outputKey, ...ofInput(standing.input(step.fileId)) }];
    }
    case 'far copy':
      return farPlaces(context, standing.output(step.fileId), standing);
  }
}

/** Every place that the outputs of an input will ever have here and where they are exported to. */
function placesOfJob(context: Campaign, input: InputRow): readonly WantedPlace[] {
  return wantedOutputs(context, input).flatMap(({ spec, name, path }): readonly WantedPlace[] => {
    const whose = { ...ofInput(input), outputKey: spec.key };
    const local = { store: spec.store, path, kind: 'output' as const, ...whose };
    return [local, ...exported(context, { key: spec.key, run: input.run, name }, whose)];
  });
}

function farPlaces(context: Campaign, output: OutputRow, standing: Standing): readonly WantedPlace[] {
  const whose = { ...ofInput(standing.input(output.inputId)), outputKey: output.key };
  return exported(context, output, whose);
}

function exported(
  context: Campaign,
  output: Pick<OutputRow, 'key' | 'run' | 'name'>,
  whose: Pick<WantedPlace, 'inputId' | 'input' | 'outputKey'>,
): readonly WantedPlace[] {
  const wanted = context.dataset.loaded.spec.outputs.find((one) => one.key === output.key)?.export;
  const path = wantedFarPath(context, output);
  if (wanted == null || path === undefined) return [];
  const beside = companionPath(wanted, path);
  return [
    { store: wanted.to, path, kind: 'far copy', ...whose },
    ...(beside ? [{ store: wanted.to, path: beside, kind: 'metadata' as const, ...whose }] : []),
  ];
}

const ofInput = ({ id, name }: InputRow) => ({ inputId: id, input: name });

/** Before the step has its number, that of a neighbour: it differs in nothing but the number in its name. */
function archivePlace(context: Campaign, step: Step<'archive'>): WantedPlace {
  const path = archivePath(context, step);
  return { store: step.store, path, kind: 'archive', inputId: null, input: null, outputKey: null };
}

/** The final place a decision takes a file away from; undefined where it takes none away, or only an attempt's. */
export function placeEmptied({ name, decision }: Decided, standing: Standing): EmptiedPlace | undefined {
  if (decision.do !== 'step') return undefined;
  const { step } = decision;
  if (step.kind !== 'delete' && step.kind !== 'release' && step.kind !== 'quarantine') return undefined;
  const { store, path, fileId } = step;
  if (path.startsWith(`${OWN_FOLDER}/`)) return undefined;
  if (step.kind !== 'delete') return { store, path, input: name, fileId };
  const { inputId } = standing.output(step.fileId);
  return { store, path, input: standing.input(inputId).name, fileId };
}
