/** Where a dataset's files come from and where its outputs go, as far as specs tell: by the names that stores have in them. */
import { dirname, resolve } from 'node:path';
import type { Path, SpecDocument } from './document.ts';
import type { FilledDataset, FilledSite } from './filled.ts';
import { type Pattern, patternsOf, type Token } from './pattern-tokens.ts';
import { namesOf } from './rules/templates.ts';
import { builtInSite } from './site-choice.ts';
import { TemplateError, templateParts } from './template.ts';
import type { ValidatedDataset } from './validate.ts';

/** A dataset with the site that does its work. */
export interface Sited {
  readonly document: SpecDocument;
  readonly filled: FilledDataset;
  readonly site: FilledSite;
  /** What relative roots of the site are relative to. */
  readonly folder: string;
}

/** The final place of an output, as its templates have it. */
export interface OutputPlace {
  /** The field that says where. */
  readonly field: Path;
  readonly key: string;
  /** The store's root. */
  readonly root: string;
  /** Below the root. */
  readonly template: string;
}

/** Datasets without a problem, with their sites. */
export function sited(dataset: ValidatedDataset): Sited {
  const { document, filled, site } = dataset;
  return {
    document,
    filled,
    site: site?.filled ?? builtInSite(),
    folder: dirname((site?.document ?? document).file),
  };
}

/** The root of a store in its one form; undefined for a store the site does not have. */
function rootOf({ site, folder }: Sited, store: string | undefined): string | undefined {
  const name = store ?? Object.keys(site.spec.stores)[0] ?? '';
  const found = Object.hasOwn(site.spec.stores, name) ? site.spec.stores[name] : undefined;
  if (found === undefined) return undefined;
  return found.driver === 'posix' ? resolve(folder, found.root) : `${found.driver} ${found.root}`;
}

/** The final places of every output, here and where it is exported to. */
export function outputPlaces(dataset: Sited): readonly OutputPlace[] {
  const { input, outputs } = dataset.filled.spec;
  return Object.entries(outputs).flatMap(([key, output]) => {
    const local = rootOf(dataset, output.store ?? input.store);
    const far = output.export && rootOf(dataset, output.export.to);
    const under = (folder: string) => `${folder.replace(/\/+$/, '')}/${output.name}`.replace(/^\/+/, '');
    const field = ['spec', 'outputs', key];
    return [
      ...(local === undefined
        ? []
        : [{ field: [...field, 'name'], key, root: local, template: under(output.path) }]),
      ...(far === undefined
        ? []
        : [{ field: [...field, 'export'], key, root: far, template: under(output.export?.path ?? '') }]),
    ];
  });
}

/** The patterns of the files a dataset names by paths: absolute where its store is a folder. */
export function inputPatterns(dataset: Sited): readonly Pattern[] {
  const { input } = dataset.filled.spec;
  const { movers, stores } = dataset.site.spec;
  const store = input.store ?? Object.keys(stores)[0] ?? '';
  const from = movers.find((mover) => mover.to === store && Object.hasOwn(stores, mover.from))?.from;
  const root = rootOf(dataset, from ?? store);
  if (root === undefined) return [];
  const start: Token = { is: 'text', text: `${root.replace(/\/+$/, '')}/` };
  return [input.files ?? []].flat().flatMap((glob) => patternsOf(glob).map((pattern) => [start, ...pattern]));
}

/** The pattern of all files that an output may become. */
export function outputPattern(dataset: Sited, { key, root, template }: OutputPlace): Pattern {
  const known = knownValues(dataset, key);
  return [
    { is: 'text', text: `${root.replace(/\/+$/, '')}/` },
    ...partsOf(template).map((part): Token => {
      if (part.kind === 'text') return { is: 'text', text: part.value };
      const value = known[part.value];
      return value === undefined ? { is: 'name' } : { is: 'text', text: value };
    }),
  ];
}

/** What templates are given that is the same for every input. */
export function knownValues({ filled }: Sited, output: string): Readonly<Record<string, string | undefined>> {
  const { metadata, spec } = filled;
  const requestId = spec.requestId === undefined ? undefined : String(spec.requestId);
  return { dataset: metadata.name, requestId, version: spec.job.application.version, output };
}

function partsOf(template: string) {
  try {
    return templateParts(template);
  } catch (error) {
    if (error instanceof TemplateError) return [];
    throw error;
  }
}

/** Whether an output's template says by itself which input it is of. */
export function tellsInputsApart(...templates: readonly string[]): boolean {
  return templates.flatMap(namesOf).some((name) => ['stem', 'name', 'run'].includes(name));
}
