/** Whose doing the suspect failures of a page are, by what is known of all of them. */
import type { PassContext } from '../../model/context.ts';
import { type Finding, onInput } from '../../model/findings.ts';
import type { Page } from '../../model/rows.ts';
import { blamed, evidenceOf } from '../judge/suspects.ts';

type Standing = Pick<PassContext, 'totals' | 'traits'>;

/** `withBlame` gives every suspect failure among findings its class. */
export function withBlame({ totals, traits }: Standing, findings: readonly Finding[]): readonly Finding[] {
  const failures = findings.flatMap((one) =>
    one.on === 'input' && one.failure?.job ? [one.failure.job] : [],
  );
  if (!failures.some(({ suspect }) => suspect)) return findings;
  const evidence = evidenceOf(totals.trouble.alike, failures);
  return findings.map((finding): Finding => {
    if (finding.on !== 'input' || !finding.failure?.job?.suspect) return finding;
    const { failure, end } = finding;
    const known = evidence.get(finding.failure.job.signature);
    if (known === undefined) return finding;
    const cls = blamed(known, traits.batch.nodes);
    return {
      ...finding,
      failure: { ...failure, class: cls },
      ...(end && { end: { ...end, how: { ...end.how, class: cls } } }),
    };
  });
}

/**
 * `blamedSince` finds the files of a page that need not be tried again as they would be by
 * themselves: their failure was a node's as far as was known, and is the software's by now.
 */
export function blamedSince({ totals, traits }: Standing, page: Page): readonly Finding<'input'>[] {
  const evidence = evidenceOf(totals.trouble.alike, []);
  return page.inputs.flatMap((input) => {
    const { state, suspect, signature, reason, class: cls } = input;
    if (state !== 'error' || !suspect || signature === null || cls !== 'site') return [];
    const known = evidence.get(signature);
    if (known === undefined || blamed(known, traits.batch.nodes) === 'site') return [];
    const because = reason ?? 'no reason on record';
    const failure = { class: 'software', reason: because, job: { signature, node: null, suspect } } as const;
    return [onInput(input.id, { fact: null, because, failure })];
  });
}
