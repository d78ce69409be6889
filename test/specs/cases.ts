import assert from 'node:assert/strict';
import { specFolder } from './folder.ts';

/** Files, and what is to be said of them. */
export interface SpecCase {
  readonly it: string;
  readonly files: Readonly<Record<string, string>>;
  /** Every problem, as `file:line:col path: sentence`. */
  readonly lines: readonly string[];
}

/** Load each case's files and compare all of its problems. Call it inside a `describe`. */
export function saysOf(cases: readonly SpecCase[]): void {
  for (const c of cases) {
    it(c.it, async () => {
      const folder = await specFolder(c.files);
      try {
        assert.deepEqual(await folder.lines(), c.lines);
      } finally {
        await folder.drop();
      }
    });
  }
}
