/** What the spec wants of one file: where its copy is to lie, where it comes from, what is to be made of it. */
import { type Endpoint, endpointText, type StorePath } from '../../../machines/model.ts';
import { nameValues, render } from '../../../specs/template.ts';
import type { ExportSpec, OutputSpec } from '../../../specs/types.ts';
import type { PassContext } from '../../model/context.ts';
import { inFolder, NEW_REQUEST } from '../../model/names.ts';
import type { InputRow, OutputRow } from '../../model/rows.ts';

/** `WantedCopy` says where the raw copy of an input is to lie, and what brings it. */
export interface WantedCopy {
  readonly store: string;
  /** The final path of the raw copy. */
  readonly path: StorePath;
  /** Its source is this very place: it is never moved, overwritten or quarantined. */
  readonly inPlace: boolean;
  /** The mover that brings it, and from where; null when somebody else delivers. */
  readonly delivery: { readonly endpoint: Endpoint; readonly from: StorePath } | null;
}

/** `WantedOutput` says what an output is to be called, and where it is to lie. */
export interface WantedOutput {
  readonly spec: OutputSpec;
  readonly name: string;
  readonly path: StorePath;
  readonly metadataName: string | null;
}

/** Where an input's raw copy is to lie, and how it comes there. */
export function wantedCopy({ dataset, traits }: PassContext, input: InputRow): WantedCopy {
  const { spec } = dataset.loaded;
  const { store } = spec.input;
  if (input.sourceStore === store && input.sourcePath !== null) {
    return { store, path: input.sourcePath, inPlace: true, delivery: null };
  }
  const folder = render(spec.input.path, placeValues(dataset.requestId, spec.name, input.run));
  return {
    store,
    path: inFolder(folder, input.name),
    inPlace: false,
    delivery: delivery(traits, input, store),
  };
}

/** The mover that brings a file into a store, and from where; null where there is none. */
function delivery(
  { movers }: PassContext['traits'],
  { sourceStore, sourcePath }: InputRow,
  store: string,
): WantedCopy['delivery'] {
  if (sourceStore === null || sourcePath === null) return null;
  const endpoint = { from: sourceStore, to: store };
  return movers.has(endpointText(endpoint)) ? { endpoint, from: sourcePath } : null;
}

/** What is to be made of an input under the revision in force. */
export function wantedOutputs(
  { dataset }: Pick<PassContext, 'dataset'>,
  input: InputRow,
): readonly WantedOutput[] {
  const { spec, revision } = dataset.loaded;
  const values = {
    ...placeValues(dataset.requestId, spec.name, input.run),
    ...nameValues(input.name),
    version: spec.job.application.version,
    revision: revision.slice(0, 8),
  };
  return spec.outputs.map((output) => {
    const name = render(output.name, { ...values, output: output.key });
    return {
      spec: output,
      name,
      path: inFolder(render(output.path, { ...values, output: output.key }), name),
      metadataName:
        output.metadata === null ? null : render(output.metadata, { ...values, output: output.key, name }),
    };
  });
}

/** Where an exported output goes in its far store; undefined when it is not exported. */
export function wantedFarPath(
  { dataset }: Pick<PassContext, 'dataset'>,
  output: Pick<OutputRow, 'key' | 'run' | 'name'>,
): StorePath | undefined {
  const { spec } = dataset.loaded;
  const wanted = spec.outputs.find((one) => one.key === output.key)?.export;
  if (wanted == null) return undefined;
  return inFolder(render(wanted.path, placeValues(dataset.requestId, spec.name, output.run)), output.name);
}

/** Where the metadata of an exported output lies beside it; undefined when it is not sent. */
export function companionPath(wanted: ExportSpec, farPath: StorePath): StorePath | undefined {
  return wanted.with.includes('metadata') ? `${farPath}.metadata.json` : undefined;
}

/** The command for one input, with every placeholder filled but those the job script knows. */
export function wantedCommand({ dataset }: PassContext, input: InputRow): string {
  const { spec, revision } = dataset.loaded;
  const kept = Object.fromEntries(spec.outputs.map(({ key }) => [`output.${key}`, `{output.${key}}`]));
  const command = render(spec.job.command, {
    ...placeValues(dataset.requestId, spec.name, input.run),
    ...kept,
    input: '{input}',
    macro: spec.job.macro ?? '',
    ...nameValues(input.name),
    events: String(input.eventCount ?? ''),
    revision: revision.slice(0, 8),
    version: spec.job.application.version,
  });
  return command.replace(/^\.{1,2}\//, (relative) => `"$RERECO_SPEC_DIR"/${relative === './' ? '' : '../'}`);
}

/** The values every template of a place may use. */
export function placeValues(
  requestId: number,
  dataset: string,
  run: number | null,
): Readonly<Record<string, string>> {
  return {
    requestId: requestId === NEW_REQUEST ? 'new' : String(requestId),
    dataset,
    run: run === null ? 'unknown' : String(run),
  };
}
