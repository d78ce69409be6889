/** A pass as people read it: steps of one kind and reason on one line, however many files. */
import path from 'node:path';
import type { MembersReport } from '../../reconcilers/daemon/daemon.ts';
import type { Refused } from '../../reconcilers/daemon/datasets.ts';
import type { Orphan } from '../../reconcilers/decide/specs/unasked.ts';
import { counted } from '../../reconcilers/model/counted.ts';
import type { MembersOutcome } from '../../reconcilers/model/records.ts';
import type { PassReport } from '../../reconcilers/pass-report.ts';
import { passEvents } from '../pass-events.ts';
import { oneLine } from './shown.ts';
import { lineWidth } from './table.ts';
import { cut } from './width.ts';
import { hanging } from './wrap.ts';

/** The lines of a pass; none when it was quiet. On a terminal what is new is cut to a line, what is wrong is whole. */
export function passLines(report: PassReport): readonly string[] {
  const width = lineWidth();
  return passEvents(report).map(({ level, dataset, phase, text }) => {
    const line = `${dataset} ${phase}: ${text}`;
    return level === 'warn' ? hanging(line, width) : cut(oneLine(line), width);
  });
}

/** What an answer about members changed. */
export function membersLine({ dataset, held, runless, ...counts }: MembersReport): string {
  const trouble = membersTrouble({ held, runless });
  return `${dataset} members: ${membersText(counts)}${trouble === '' ? '' : `; ${trouble}`}`;
}

/** What is wrong with an answer about members; empty where nothing is. */
export function membersTrouble({ held, runless }: Pick<MembersReport, 'held' | 'runless'>): string {
  return held === null ? (runless ?? '') : `held: ${held}`;
}

/** The counts of an answer about members; those that are zero are left out. */
export function membersText(counts: Omit<MembersOutcome, 'held'>): string {
  const { answered, added, gone, corrected, contradicted, arriving, moved } = counts;
  const parts = { new: added, gone, corrected, moved, contradicted, 'still being written': arriving };
  const told = Object.entries(parts).filter(([, count]) => count > 0);
  return [`${counted(answered, 'file')} named`, ...told.map(([what, count]) => `${count} ${what}`)].join(
    ', ',
  );
}

/** A dataset that no spec asks for any more. */
export function orphanLine({ row, because }: Orphan): string {
  return `${row.name} is orphaned, no new work is begun for it: ${because}`;
}

/** A spec that was not taken, as problems of specs are told. */
export function refusedLine({ dataset, file, line, sentence }: Refused): string {
  return `${path.relative(process.cwd(), file)}:${line}:1 ${sentence} (the spec in force of ${dataset} stays)`;
}

/** Waits by reason, most first: why the files that do not move do not. */
export function waitLines(reports: readonly PassReport[]): readonly string[] {
  const waits = reports.flatMap((report) =>
    report.waits.map((wait) => ({
      ...wait,
      where: `${report.dataset} ${report.phase}`,
      noun: report.phase === 'archive' ? 'tar' : 'file',
    })),
  );
  const found = new Map<string, { readonly text: string; readonly noun: string; readonly files: number }>();
  for (const { where, noun, stop } of waits) {
    const key = `${where} ${stop.code}`;
    const { text, files } = found.get(key) ?? { text: `${where}: waiting: ${stop.text}`, files: 0 };
    found.set(key, { text, noun, files: files + 1 });
  }
  return [...found.values()]
    .sort((a, b) => b.files - a.files)
    .map(({ text, noun, files }) => hanging(`${text} (${counted(files, noun)})`, lineWidth()));
}
