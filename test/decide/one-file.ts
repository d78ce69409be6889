/** What the facts and rules of a phase make of one file, in a line. */
import { changeOf } from '../../reconcilers/decide/change/change-of.ts';
import { optionsOf, type PhaseRules } from '../../reconcilers/decide/change/phase-rules.ts';
import type { PassContext } from '../../reconcilers/model/context.ts';
import type { Finding } from '../../reconcilers/model/findings.ts';
import { EMPTY_PAGE, type Page } from '../../reconcilers/model/rows.ts';
import type { Decided } from '../../reconcilers/model/steps.ts';
import type { World } from '../../reconcilers/model/world.ts';

/** One line of a table of cases. */
export interface RuleCase {
  readonly it: string;
  readonly page: Partial<Page>;
  readonly seen: World;
  readonly context: PassContext;
  /** The moves that are found, as `fact`. */
  readonly finds?: readonly string[];
  /** The rule that decides; undefined: there is nothing to do and nothing to wait for. */
  readonly rule?: string;
  /** The stop's code, or what is done. */
  readonly does?: string;
}

/** What is found and decided. */
export function verdictOf(rules: PhaseRules, { page: rows, seen, context }: RuleCase) {
  const page = { ...EMPTY_PAGE, ...rows };
  const findings = rules.find(context, page, seen);
  const { change, standing } = changeOf(page, findings, optionsOf(context, rules.phase));
  const decided = rules.decide(context, page, seen, standing);
  return {
    finds: change.transitions.map(({ fact }) => fact),
    rules: decided.map(({ rule }) => rule),
    does: decided.map(whatItDoes),
  };
}

function whatItDoes({ decision }: Decided): string {
  if (decision.do === 'wait') return decision.stop.code;
  return decision.do === 'step' ? decision.step.kind : decision.do;
}

/** The rules of a list that no case of a table is about. */
export function untried(
  rules: readonly { readonly name: string }[],
  cases: readonly RuleCase[],
): readonly string[] {
  const tried = new Set(cases.map(({ rule }) => rule));
  return rules.map(({ name }) => name).filter((name) => !tried.has(name));
}

/** Findings in a few words: what a row is found to be, or the columns that change, and how its attempt ends. */
export function findingsInWords(findings: readonly Finding[]): readonly string[] {
  return findings.map((finding) => {
    const { on } = finding;
    if (on === 'problem') return `${finding.kind}: ${finding.problem === null ? 'over' : 'raised'}`;
    if (on === 'acceptance') return `accept ${finding.output.key}`;
    if (on !== 'input' && on !== 'output' && on !== 'job') return on;
    const what = finding.fact?.type ?? Object.keys(finding.patch ?? {}).join(' ');
    const end = on !== 'job' && finding.end ? `, attempt ${finding.end.how.state}` : '';
    return `${on} ${what}${end}`;
  });
}
