/** The final places in which files are to lie, and those that are to be empty afterwards. */

import type { FileId, StorePath } from '../../../machines/model.ts';
import type { PassContext } from '../../model/context.ts';
import type { ClaimKind } from '../../model/holders.ts';
import type { InputRow, OutputRow } from '../../model/rows.ts';
import { companionPath, wantedFarPath, wantedOutputs } from './wanted.ts';

/** A final place that is to belong to an input, or to the dataset where the input is null. */
export interface WantedPlace {
  readonly store: string;
  readonly path: StorePath;
  readonly kind: ClaimKind;
  readonly inputId: FileId | null;
  readonly input: string | null;
  readonly outputKey: string | null;
  /** A later step makes it: that its store does not answer now holds nothing up. */
  readonly isLater: boolean;
}

/** A final place that is to be empty afterwards, and the input whose file lay there. */
export interface EmptiedPlace {
  readonly store: string;
  readonly path: StorePath;
  readonly input: string;
  /** The file that a problem is told of; null: nobody can say. */
  readonly fileId: FileId | null;
}

type Campaign = Pick<PassContext, 'dataset'>;

/** Every place that the outputs of an input will ever have here and where they are exported to. */
export function placesOfJob(campaign: Campaign, input: InputRow): readonly WantedPlace[] {
  return wantedOutputs(campaign, input).flatMap(({ spec, name, path }): readonly WantedPlace[] => {
    const { key, store } = spec;
    const far = exported(campaign, { key, run: input.run, name }, ofInput(input));
    return [placeOfOutput(input, key, store, path), ...far.map((one) => ({ ...one, isLater: true }))];
  });
}

/** The place of an output here. */
export function placeOfOutput(input: InputRow, key: string, store: string, path: StorePath): WantedPlace {
  return { store, path, kind: 'output', ...ofInput(input), outputKey: key, isLater: false };
}

/** The places of an output where it is exported to. */
export function placesOfExport(
  campaign: Campaign,
  output: Pick<OutputRow, 'key' | 'run' | 'name'>,
  input: InputRow,
): readonly WantedPlace[] {
  return exported(campaign, output, ofInput(input));
}

const ofInput = ({ id, name }: InputRow) => ({ inputId: id, input: name });

function exported(
  campaign: Campaign,
  output: Pick<OutputRow, 'key' | 'run' | 'name'>,
  whose: Pick<WantedPlace, 'inputId' | 'input'>,
): readonly WantedPlace[] {
  const wanted = campaign.dataset.loaded.spec.outputs.find((one) => one.key === output.key)?.export;
  const path = wantedFarPath(campaign, output);
  if (wanted == null || path === undefined) return [];
  const beside = companionPath(wanted, path);
  const shared = { store: wanted.to, ...whose, outputKey: output.key, isLater: false };
  return [
    { ...shared, path, kind: 'far copy' },
    ...(beside ? [{ ...shared, path: beside, kind: 'metadata' as const }] : []),
  ];
}
