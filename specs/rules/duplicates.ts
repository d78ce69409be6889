import { type Path, pathText, placed, type SpecDocument } from '../document.ts';
import type { SpecProblem } from '../types.ts';

/** One document's claim of something that nobody else may have. */
export interface Claim {
  readonly document: SpecDocument;
  readonly path: Path;
  /** What is claimed, as in `dataset p17` or `request id 4711`. */
  readonly what: string;
}

/** A problem at every place where the same thing is claimed, each naming the first of the others. */
export function duplicates(claims: readonly Claim[]): ReadonlyMap<SpecDocument, readonly SpecProblem[]> {
  const byWhat = new Map<string, Claim[]>();
  for (const claim of claims) {
    const rivals = byWhat.get(claim.what);
    if (rivals === undefined) byWhat.set(claim.what, [claim]);
    else rivals.push(claim);
  }

  const problems = new Map<SpecDocument, readonly SpecProblem[]>();
  for (const rivals of byWhat.values()) {
    for (const claim of rivals) {
      const rival = rivals.find((other) => other !== claim);
      if (rival === undefined) continue;
      const there = placed(rival.document, { path: rival.path, sentence: '' });
      const sentence = `${claim.what} is also at ${there.file}:${there.line}; give one of them another ${pathText(claim.path.slice(-1))}`;
      const known = problems.get(claim.document) ?? [];
      problems.set(claim.document, [...known, placed(claim.document, { path: claim.path, sentence })]);
    }
  }
  return problems;
}
