/** What a person watches: a few lines redrawn in place; elsewhere one line whenever something changed. */

import { counted } from '../../reconcilers/model/counted.ts';
import type { Totals } from '../../reconcilers/model/totals.ts';
import { terminalWidth } from '../print/table.ts';
import { cut } from '../print/width.ts';

export interface LiveView {
  show(totals: Totals): void;
  /** A line that stays. */
  note(text: string): void;
  /** Leave the last picture standing. */
  end(): void;
}

/** @param clock  milliseconds; the first answer is the start */
export function liveView(out: NodeJS.WriteStream, clock: () => number): LiveView {
  const start = clock();
  const stamp = () => `${((clock() - start) / 1000).toFixed(1).padStart(5)} s`;
  let drawn: readonly string[] = [];
  let last = '';
  const clear = () => {
    if (drawn.length > 0) out.write(`\u001b[${drawn.length}A\u001b[J`);
  };
  const draw = () => out.write(drawn.map((line) => `${line}\n`).join(''));

  return {
    show(totals) {
      const groups = groupsOf(totals);
      const now = groups.map(({ name, text }) => `${name} ${text}`).join('; ');
      if (!out.isTTY) {
        if (now !== last) out.write(`${stamp()}  ${now}\n`);
        last = now;
        return;
      }
      clear();
      const lines = groups.map(({ name, text }) => `         ${name.padEnd(8)} ${text}`);
      drawn = [`${stamp()}  ${bar(totals)}`, ...lines].map((line) => cut(line, terminalWidth() - 1));
      draw();
    },
    note(text) {
      if (out.isTTY) clear();
      const line = `${stamp()}  ${text}`;
      out.write(`${out.isTTY ? cut(line, terminalWidth() - 1) : line}\n`);
      if (out.isTTY) draw();
    },
    end() {
      drawn = [];
    },
  };
}

const BAR_WIDTH = 48;

/** A character a share of files: how far they have come. */
function bar({ inputs }: Totals): string {
  const signs = [
    ['█', inputs.copied],
    ['▓', inputs.done],
    ['▒', inputs.running],
    ['░', inputs.transferred + inputs.verified],
    ['!', inputs.error],
    ['·', inputs.pending],
  ] as const;
  const total = signs.reduce((sum, [, count]) => sum + count, 0);
  const width = (count: number) => Math.round((count / Math.max(1, total)) * BAR_WIDTH);
  return signs.map(([sign, count]) => sign.repeat(width(count))).join('');
}

function groupsOf({ inputs, outputs, liveJobs, liveTransfers }: Totals) {
  const kinds = Object.entries(outputs).map(([name, states]) => ({ name, text: countsText(states) }));
  const motion = `${counted(liveJobs, 'job')} and ${counted(liveTransfers, 'transfer')} in motion`;
  return [
    { name: 'files', text: countsText(inputs) },
    ...kinds.sort((a, b) => (a.name < b.name ? -1 : 1)),
    { name: 'now', text: motion },
  ];
}

/** `2 running, 22 done`. */
export function countsText(counts: Readonly<Record<string, number>>): string {
  const there = Object.entries(counts).filter(([, count]) => count > 0);
  return there.length === 0 ? 'none' : there.map(([name, count]) => `${count} ${name}`).join(', ');
}
