import { cut } from './width.ts';

/** One line that says how far a long work is. */
export interface ProgressLine {
  show(text: string): void;
  /** Take the line away. */
  end(): void;
}

const EVERY_MS = 200;

/**
 * A line that is written again and again on a terminal; nothing at all elsewhere.
 *
 * @param clock  milliseconds
 */
export function progressLine(out: NodeJS.WriteStream, clock: () => number): ProgressLine {
  let shownMs = Number.NEGATIVE_INFINITY;
  const isShown = () => shownMs > Number.NEGATIVE_INFINITY;
  return {
    show(text) {
      if (!out.isTTY || clock() - shownMs < EVERY_MS) return;
      shownMs = clock();
      out.write(`\r\u001b[K${cut(text, (out.columns || 80) - 1)}`);
    },
    end() {
      if (isShown()) out.write('\r\u001b[K');
      shownMs = Number.NEGATIVE_INFINITY;
    },
  };
}
