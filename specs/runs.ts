/** An inclusive range of runs, or what is wrong with it. */
export type Runs =
  | { readonly ok: true; readonly range: readonly [number, number] }
  | { readonly ok: false; readonly sentence: string };

/** Read one run, `4711`, or a range of them, `4800-4950`. */
export function readRuns(text: string): Runs {
  const match = /^([0-9]{1,15})(?: ?- ?([0-9]{1,15}))?$/.exec(text.trim());
  if (match === null)
    return { ok: false, sentence: `${text.slice(0, 40)} is no run; write 4711 or 4800-4950` };
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  if (first > last) return { ok: false, sentence: `${text} runs backwards; write ${last}-${first}` };
  return { ok: true, range: [first, last] };
}

/** What a run list holds, and what is wrong with it by 1-based line. */
export interface RunList {
  readonly ranges: readonly (readonly [number, number])[];
  readonly mistakes: readonly { readonly line: number; readonly sentence: string }[];
}

/** Read a run list: one run or range a line, `#` begins a comment. */
export function readRunList(text: string): RunList {
  const ranges: (readonly [number, number])[] = [];
  const mistakes: { readonly line: number; readonly sentence: string }[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [written = ''] = line.split('#');
    if (written.trim() === '') continue;
    const read = readRuns(written);
    if (read.ok) ranges.push(read.range);
    else mistakes.push({ line: index + 1, sentence: read.sentence });
  }
  return { ranges, mistakes };
}
