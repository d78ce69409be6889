/** What is wrong between datasets: outputs in one place, and rings in which each feeds the next. */
import { inputPatterns, knownValues, outputPattern, outputPlaces, type Sited } from '../dataset-places.ts';
import { type Path, placed, type SpecDocument } from '../document.ts';
import type { FilledInput } from '../filled.ts';
import { canMeet } from '../pattern-tokens.ts';
import type { SpecProblem } from '../types.ts';
import { namesOf, sample } from './templates.ts';

/** The problems of datasets with each other, by document. */
export function neighbours(datasets: readonly Sited[]): ReadonlyMap<SpecDocument, readonly SpecProblem[]> {
  const problems = new Map<SpecDocument, SpecProblem[]>();
  const say = (document: SpecDocument, path: Path, sentence: string) => {
    problems.set(document, [...(problems.get(document) ?? []), placed(document, { path, sentence })]);
  };
  sharedPlaces(datasets, say);
  for (const dataset of datasets) {
    const ring = ringOf(dataset, datasets);
    if (ring === undefined) continue;
    const names = [...ring, dataset].map(({ filled }) => filled.metadata.name).join(' → ');
    const sentence = `matches what is made of this dataset's own outputs (${names}), which would never end; name fewer files, or give one of them another place`;
    say(dataset.document, ['spec', 'input', 'files'], sentence);
  }
  return problems;
}

type Say = (document: SpecDocument, path: Path, sentence: string) => void;

/** Of two datasets that make the same files of the same input, the later one is told. */
function sharedPlaces(datasets: readonly Sited[], say: Say): void {
  const first = new Map<string, { readonly dataset: Sited; readonly key: string }>();
  for (const dataset of datasets) {
    const its = new Map<string, { readonly dataset: Sited; readonly key: string }>();
    for (const place of outputPlaces(dataset)) {
      const rendered = rendering(dataset, place.key, place.template);
      if (rendered === undefined) continue;
      const key = JSON.stringify([inputKey(dataset.filled.spec.input), `${place.root}/${rendered}`]);
      its.set(key, { dataset, key: place.key });
      const other = first.get(key);
      if (other === undefined) continue;
      const { document, filled } = other.dataset;
      const where = `${document.file}:${document.line}`;
      const sentence = `is where dataset ${filled.metadata.name} (${where}) puts outputs.${other.key} of the same files; give it another name or path`;
      say(dataset.document, place.field, sentence);
    }
    for (const [key, value] of its) if (!first.has(key)) first.set(key, value);
  }
}

/** Which files are wanted: equal where two datasets certainly want the same. */
function inputKey({ definition, query, files, manifest, runs, store }: FilledInput): string {
  return JSON.stringify([definition, query, [files ?? []].flat(), manifest, runs, store]);
}

/** What a template makes of an imagined file; undefined where two specs may differ in what they leave unsaid. */
function rendering(dataset: Sited, output: string, template: string): string | undefined {
  const names = namesOf(template);
  const known = knownValues(dataset, output);
  if (names.includes('revision') || (names.includes('requestId') && known.requestId === undefined)) {
    return undefined;
  }
  const values = Object.entries(known).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return sample(template, Object.fromEntries(values));
}

/** The shortest way back to a dataset over others that take its outputs for input; undefined where there is none. */
function ringOf(start: Sited, datasets: readonly Sited[]): readonly Sited[] | undefined {
  let ways: readonly (readonly Sited[])[] = [[start]];
  const seen = new Set<Sited>([start]);
  while (ways.length > 0) {
    const next: (readonly Sited[])[] = [];
    for (const way of ways) {
      const last = way.at(-1) ?? start;
      if (way.length > 1 && feeds(last, start)) return way;
      for (const other of datasets) {
        if (seen.has(other) || !feeds(last, other)) continue;
        seen.add(other);
        next.push([...way, other]);
      }
    }
    ways = next;
  }
  return undefined;
}

/** Whether an output of one may be a file that the other names. */
function feeds(one: Sited, other: Sited): boolean {
  const wanted = inputPatterns(other);
  if (wanted.length === 0) return false;
  const made = outputPlaces(one).map((place) => outputPattern(one, place));
  return made.some((output) => wanted.some((input) => canMeet(output, input)));
}
