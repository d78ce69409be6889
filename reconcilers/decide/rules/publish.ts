/**
 * Publish: outputs are declared in the catalog, then located, one by one.
 *
 *   promoted ──output.declared──► declared ──output.located──► located
 */

import type { PassContext } from '../../model/context.ts';
import { agreeing, counted } from '../../model/counted.ts';
import type { InputRow, OutputRow } from '../../model/rows.ts';
import { scopeOf } from '../../model/scope.ts';
import type { Decision } from '../../model/steps.ts';
import { type Stop, stop } from '../../model/stops.ts';
import { look, type World } from '../../model/world.ts';
import type { CatalogFile } from '../../ports/catalog.ts';
import type { Draft } from '../change/draft.ts';
import { draftedBy, type PhaseRules } from '../change/phase-rules.ts';
import { datasetStop } from '../stops/dataset-stop.ts';
import { gateStop } from '../stops/gates.ts';
import { openInputs } from '../wanted/goals.ts';

export const publishRules: PhaseRules = {
  phase: 'publish',
  countsFiles: true,

  scopes: (context) => {
    const keys = declaredKeys(context);
    if (keys.length === 0) return [];
    return [
      scopeOf('publish', context, {
        subject: 'outputs',
        states: ['promoted', 'declared'],
        errorPhases: ['publish'],
        keys,
      }),
    ];
  },

  rounds: (_context, page) => [() => ({ described: page.outputs.map((output) => output.name) })],

  find: draftedBy('publish', (_context, page, seen, draft) => {
    for (const { id } of page.outputs) {
      findDeclared(draft.output(id), seen, draft);
      findLocated(draft.output(id), seen, draft);
    }
  }),

  decide(context, page, seen, standing) {
    const inputs = new Map(page.inputs.map((input) => [input.id, input]));
    return page.outputs.flatMap((asRead) => {
      const output = standing.output(asRead.id);
      const input = inputs.get(output.inputId);
      const waiting = output.class !== null && (output.retryAtMs === null || output.retryAtMs > standing.now);
      if (input === undefined || waiting) return [];
      const decision = decideOutput(context, input, output, seen);
      return decision ? [{ name: output.name, rule: 'decideOutput', decision }] : [];
    });
  },
};

function declaredKeys({ dataset }: PassContext): readonly string[] {
  return dataset.loaded.spec.outputs
    .filter((output) => output.declare !== 'never')
    .map((output) => output.key);
}

/** The place of an output as catalogs know it. */
export function locationOf({ store, path }: Pick<OutputRow, 'store' | 'path'>): string {
  return `${store}:${path}`;
}

function findDeclared(output: OutputRow, seen: World, draft: Draft): void {
  if (output.state !== 'promoted') return;
  const entry = look(seen.described, output.name, output.actedMs);
  if (entry.is !== 'present') return;
  const difference = differenceOf(output, entry.value);
  if (difference === undefined) {
    draft.findOutput(output.id, { fact: { type: 'output.declared' }, because: 'the catalog has it already' });
    return;
  }
  const reason = `the catalog already has another ${output.name}: ${difference}; retire it there, then \`rereco clean ${output.name}\``;
  if (output.reason === reason) return;
  draft.findOutput(output.id, { fact: null, because: reason, failure: { class: 'data', reason } });
}

/** In what an entry of the same name differs from the output; a checksum counts where both have one of a kind. */
function differenceOf({ sizeBytes, checksum }: OutputRow, entry: CatalogFile): string | undefined {
  if (entry.sizeBytes !== sizeBytes) {
    const size = entry.sizeBytes === null ? 'no size' : counted(entry.sizeBytes, 'byte');
    return `${size}, not ${sizeBytes}`;
  }
  const kind = checksum?.slice(0, checksum.indexOf(':') + 1);
  const known = entry.checksums.find((one) => kind !== undefined && one.startsWith(kind));
  return known === undefined || known === checksum ? undefined : `${known}, not ${checksum}`;
}

function findLocated(output: OutputRow, seen: World, draft: Draft): void {
  if (output.state !== 'declared') return;
  const entry = look(seen.described, output.name, output.actedMs);
  if (entry.is !== 'present' || !entry.value.locations.includes(locationOf(output))) return;
  draft.findOutput(output.id, {
    fact: { type: 'output.located' },
    because: `the catalog knows it at ${locationOf(output)}`,
  });
}

function decideOutput(
  context: PassContext,
  input: InputRow,
  output: OutputRow,
  seen: World,
): Decision | undefined {
  if (output.state !== 'promoted' && output.state !== 'declared') return undefined;
  const stopped = datasetStop(context) ?? gateStop(context, 'publish') ?? notYet(context, input, output);
  if (stopped) return { do: 'wait', stop: stopped };
  const entry = look(seen.described, output.name, output.actedMs);
  if (entry.is === 'unknown')
    return { do: 'wait', stop: stop('system.silent', `the catalog has not answered: ${entry.why}`) };

  const about = {
    phase: 'publish',
    names: [output.name],
    bytes: output.sizeBytes,
    fileId: output.id,
  } as const;
  if (output.state === 'promoted') {
    return {
      do: 'step',
      step: {
        ...about,
        kind: 'declare',
        because: 'it has its final name',
        declaration: declaration(context, input, output),
      },
    };
  }
  return {
    do: 'step',
    step: { ...about, kind: 'locate', because: 'it is declared', location: locationOf(output) },
  };
}

/** Which part of `declare` is not fulfilled yet. */
function notYet({ dataset, totals }: PassContext, input: InputRow, output: OutputRow): Stop | undefined {
  const wanted = dataset.loaded.spec.outputs.find((one) => one.key === output.key);
  if (input.state !== 'done' && input.state !== 'copied')
    return stop('file.notDone', `${input.name} is not done yet`);
  if (wanted?.declare !== 'datasetDone') return undefined;
  const open = openInputs(totals);
  if (open === 0) return undefined;
  return stop(
    'dataset.notDone',
    `${counted(open, 'file')} of the dataset ${agreeing(open, 'is', 'are')} not done yet (declare: datasetDone)`,
  );
}

function declaration({ dataset }: PassContext, input: InputRow, output: OutputRow) {
  return {
    name: output.name,
    sizeBytes: output.sizeBytes,
    eventCount: output.eventCount,
    checksums: output.checksum === null ? [] : [output.checksum],
    dataTier: output.dataTier,
    run: output.run,
    parents: [input.name],
    application: dataset.loaded.spec.job.application,
    metadata: output.metadata,
  };
}
