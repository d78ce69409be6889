/**
 * All that can be said of specs without asking the world: each document against the
 * schema of its kind, then against the rules, then all of them against each other.
 */
import { check } from './check.ts';
import { sited } from './dataset-places.ts';
import { type Issue, placed, type SpecDocument } from './document.ts';
import { filledDataset, filledSite, valueAt } from './fill.ts';
import type { FilledDataset, FilledSite } from './filled.ts';
import { guarded, parted } from './guarded.ts';
import { suggestion } from './nearest.ts';
import { mayBeSite } from './ours.ts';
import { type References, referenceIssues, runListProblems } from './references.ts';
import { type Claim, duplicates } from './rules/duplicates.ts';
import { inputs } from './rules/inputs.ts';
import { neighbours } from './rules/neighbours.ts';
import { outputs } from './rules/outputs.ts';
import { countersAndPatterns } from './rules/patterns.ts';
import { site as siteRules } from './rules/sites.ts';
import { storesOfDataset } from './rules/stores.ts';
import { commandTemplates, FOLDER_NAMES, folderIssues } from './rules/templates.ts';
import { KINDS } from './schema/document.ts';
import { shown, wordOf } from './shown.ts';
import { choiceOfSite } from './site-choice.ts';
import type { SpecProblem } from './types.ts';

/** A site's document with its problems; `sound` is what of it the schema accepts. */
export interface ValidatedSite {
  readonly document: SpecDocument;
  readonly name: string;
  readonly sound: unknown;
  /** Whether the schema accepts all of it, so that a store it lacks is really not there. */
  readonly whole: boolean;
  readonly filled: FilledSite;
  readonly problems: readonly SpecProblem[];
}

/** A dataset's document with its problems and its site; null stands for the built-in one. */
export interface ValidatedDataset {
  readonly document: SpecDocument;
  readonly filled: FilledDataset;
  readonly site: ValidatedSite | null;
  readonly problems: readonly SpecProblem[];
}

/** Every document, good or bad, and the problems of those that are neither Dataset nor Site. */
export interface Validation {
  readonly sites: readonly ValidatedSite[];
  readonly datasets: readonly ValidatedDataset[];
  readonly problems: readonly SpecProblem[];
}

/**
 * Find every problem of every document.
 *
 * @param lostSite  a file that may hold a site but cannot be read: without it nobody can
 *   say that there is no site; null where every file could be read
 */
export function validateSpecs(
  documents: readonly SpecDocument[],
  references: References,
  lostSite: string | null,
): Validation {
  const twins = duplicates(documents.flatMap(claimsOf));
  const common = (document: SpecDocument): readonly SpecProblem[] => [
    ...(twins.get(document) ?? []),
    ...referenceIssues(document, references).map((issue) => placed(document, issue)),
    ...runListProblems(document, references),
  ];
  const ofKind = (kind: string) => documents.filter((document) => kindOf(document) === kind);

  const others = documents.filter((document) => kindOf(document) === undefined);
  const { made: sites, faults } = parted(
    ofKind('Site').map((each) => guarded(each, () => validateSite(each, common(each)))),
  );
  const lost = lostSite ?? faults[0]?.file ?? others.find(mayBeSite)?.file ?? null;
  const choose = (name: string | undefined) => choiceOfSite(name, sites, lost);
  const datasets = parted(
    ofKind('Dataset').map((each) => guarded(each, () => validateDataset(each, choose, common(each)))),
  );
  return {
    sites,
    datasets: withNeighbours(datasets.made),
    problems: [...others.map(strange), ...faults, ...datasets.faults],
  };
}

/** Add what is wrong between datasets; those with problems of their own have no say in it. */
function withNeighbours(datasets: readonly ValidatedDataset[]): readonly ValidatedDataset[] {
  const sound = datasets.filter(({ problems }) => problems.length === 0);
  const found = neighbours(sound.map(sited));
  return datasets.map((each) => ({
    ...each,
    problems: [...each.problems, ...(found.get(each.document) ?? [])],
  }));
}

function validateSite(document: SpecDocument, common: readonly SpecProblem[]): ValidatedSite {
  const { issues, sound } = check('Site', document.value);
  const filled = filledSite(sound);
  const problems = [...issues, ...withoutEchoes(siteRules(filled), issues)].map((issue) =>
    placed(document, issue),
  );
  const whole = issues.length === 0;
  return { document, name: filled.metadata.name, sound, whole, filled, problems: [...common, ...problems] };
}

function validateDataset(
  document: SpecDocument,
  choose: (name: string | undefined) => ReturnType<typeof choiceOfSite>,
  common: readonly SpecProblem[],
): ValidatedDataset {
  const { issues, sound } = check('Dataset', document.value);
  const name = valueAt(sound, ['spec', 'site']);
  const choice = choose(typeof name === 'string' ? name : undefined);
  const filled = filledDataset(sound, choice.site?.sound);
  const ruled: readonly Issue[] = [
    ...(choice.sentence === undefined ? [] : [{ path: ['spec', 'site'], sentence: choice.sentence }]),
    ...datasetRules(filled),
    ...(choice.filled === null ? [] : storesOfDataset(filled, choice.filled)),
  ];
  const found = [...issues, ...withoutEchoes(ruled, issues)];
  const problems = found.map((issue) => placed(document, issue));
  return { document, filled, site: choice.site, problems: [...common, ...problems] };
}

function datasetRules(dataset: FilledDataset): readonly Issue[] {
  const { archive } = dataset.spec;
  const logs =
    archive === 'none' ? [] : folderIssues(['spec', 'archive', 'path'], archive.path, FOLDER_NAMES);
  const tooMany = dataset.spec.limits.maxFailedShare > 1_000_000;
  const share = {
    path: ['spec', 'limits', 'maxFailedShare'],
    sentence: 'is more than 100%, which no share reaches',
  };
  return [
    ...inputs(dataset),
    ...commandTemplates(dataset),
    ...countersAndPatterns(dataset),
    ...outputs(dataset),
    ...logs,
    ...(tooMany ? [share] : []),
  ];
}

/** What rules find around or below a field the schema refuses: it was left out, and they miss it. */
function withoutEchoes(ruled: readonly Issue[], issues: readonly Issue[]): readonly Issue[] {
  const along = (a: Issue, b: Issue) =>
    a.path.every((part, depth) => depth >= b.path.length || part === b.path[depth]);
  return ruled.filter((issue) => !issues.some((refused) => along(issue, refused)));
}

function claimsOf(document: SpecDocument): readonly Claim[] {
  const kind = kindOf(document);
  const name = valueAt(document.value, ['metadata', 'name']);
  const id = valueAt(document.value, ['spec', 'requestId']);
  return [
    ...(kind !== undefined && typeof name === 'string'
      ? [{ document, path: ['metadata', 'name'], what: `${kind.toLowerCase()} ${name}` }]
      : []),
    ...(kind === 'Dataset' && typeof id === 'number'
      ? [{ document, path: ['spec', 'requestId'], what: `request id ${id}` }]
      : []),
  ];
}

function kindOf(document: SpecDocument): string | undefined {
  const kind = valueAt(document.value, ['kind']);
  return typeof kind === 'string' && Object.hasOwn(KINDS, kind) ? kind : undefined;
}

function strange(document: SpecDocument): SpecProblem {
  const kind = valueAt(document.value, ['kind']);
  const kinds = Object.keys(KINDS);
  if (kind === undefined)
    return placed(document, { path: ['kind'], sentence: `is missing; write ${kinds.join(' or ')}` });
  return placed(document, {
    path: ['kind'],
    sentence: `there is no kind ${shown(kind)}; ${suggestion(wordOf(kind), kinds)}`,
  });
}
