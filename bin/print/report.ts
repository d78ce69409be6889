/** A pass as people read it: steps of one kind and reason on one line, however many files. */
import type { PassReport } from '../../reconcilers/pass-report.ts';
import { bytes, counted, cut, terminalWidth } from './table.ts';

/** The lines of a pass; none when it was quiet. @param tense `would` for a dry run */
export function passLines(report: PassReport, tense: 'did' | 'would'): readonly string[] {
  const head = `${report.dataset} ${report.phase}:`;
  const lines = [
    ...(report.skipped === null ? [] : [`skipped, ${report.skipped}`]),
    ...[...report.unanswered].map(([system, why]) => `no answer from ${system}: ${why}`),
    ...groups(
      report.moves,
      (move) => `${move.from} → ${move.to}, ${move.fact}`,
      (move) => move.because,
    ),
    ...stepLines(report, tense),
    ...report.failures.map(({ step, outcome }) =>
      outcome.ok ? '' : `${step.kind} failed (${outcome.code}): ${outcome.message}`,
    ),
  ];
  return lines.map((line) => cut(`${head} ${line}`, terminalWidth()));
}

function stepLines({ steps }: PassReport, tense: 'did' | 'would'): readonly string[] {
  const kinds = new Map<string, { names: number; bytes: number; example: string; because: string }>();
  for (const step of steps) {
    const group = kinds.get(step.kind) ?? {
      names: 0,
      bytes: 0,
      example: step.names[0] ?? '',
      because: step.because,
    };
    kinds.set(step.kind, {
      ...group,
      names: group.names + step.names.length,
      bytes: group.bytes + step.bytes,
    });
  }
  return [...kinds].map(([kind, group]) => {
    const verb = tense === 'would' ? `would ${kind}` : kind;
    const more = group.names > 1 ? `, like ${group.example}` : ` ${group.example}`;
    const size = group.bytes > 0 ? `, ${bytes(group.bytes)}` : '';
    return `${verb} ${counted(group.names, 'file')}${size}${more}: ${group.because}`;
  });
}

function groups<T>(
  list: readonly T[],
  key: (one: T) => string,
  example: (one: T) => string,
): readonly string[] {
  const found = new Map<string, { count: number; example: string }>();
  for (const one of list) {
    const group = found.get(key(one));
    found.set(key(one), { count: (group?.count ?? 0) + 1, example: group?.example ?? example(one) });
  }
  return [...found].map(([name, { count, example: why }]) => `${count} ${name}: ${why}`);
}

/** Waits by reason, most first: why the files that do not move do not. */
export function waitLines(reports: readonly PassReport[]): readonly string[] {
  const waits = reports.flatMap((report) =>
    report.waits.map((wait) => ({ ...wait, where: `${report.dataset} ${report.phase}` })),
  );
  const found = new Map<string, number>();
  for (const { where, because } of waits) {
    const key = `${where}: waiting: ${because.replace(/r\d+-\w+-\d+/g, '…').replace(/attempt \d+/, 'attempt …')}`;
    found.set(key, (found.get(key) ?? 0) + 1);
  }
  return [...found]
    .sort(([, a], [, b]) => b - a)
    .map(([why, count]) => cut(`${why} (${counted(count, 'file')})`, terminalWidth()));
}
