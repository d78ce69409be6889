/** From findings about the rows of a page to what is to be written: pure. */
import type { FileId } from '../../../machines/model.ts';
import type { Change, NewOutput } from '../../model/change.ts';
import type { Finding } from '../../model/findings.ts';
import { groupBy } from '../../model/group-by.ts';
import type { InputRow, OutputRow, Page, SubmissionRow } from '../../model/rows.ts';
import { changeIn, type PageWriting, pageAfter, pageWriting, stamp, take } from './page-writing.ts';
import type { ChangeOptions } from './rows-after.ts';

/** The rows of a page as findings have left them. */
export interface Standing {
  readonly now: number;
  /** @throws Error when the row is not on the page: a defect of ours */
  input(id: FileId): InputRow;
  /** @throws Error likewise */
  output(id: FileId): OutputRow;
  /** @throws Error likewise */
  submission(id: number): SubmissionRow;
  /** Outputs accepted in this page for an input, not yet written. */
  accepted(inputId: FileId): readonly NewOutput[];
}

/** What findings come to. */
export interface PageChange {
  readonly change: Change;
  /** The page with its rows as they are to be. */
  readonly page: Page;
  readonly standing: Standing;
}

/**
 * Turn findings into what is to be written, in their order: a later one finds the row as the
 * earlier ones left it. Rows that come back to what they were are not written.
 */
export function changeOf(page: Page, findings: readonly Finding[], options: ChangeOptions): PageChange {
  const writing = writingOf(page, findings, options);
  return { change: changeIn(writing), page: pageAfter(page, writing), standing: standingIn(writing) };
}

/** The rows as `changeOf` would leave them, for who writes nothing yet. */
export function standingOf(page: Page, findings: readonly Finding[], options: ChangeOptions): Standing {
  return standingIn(writingOf(page, findings, options));
}

function writingOf(page: Page, findings: readonly Finding[], options: ChangeOptions): PageWriting {
  const writing = pageWriting(page, options);
  for (const finding of findings) take(writing, finding);
  if (options.actedMs !== undefined) stamp(writing, options.actedMs);
  return writing;
}

function standingIn({ options, inputs, outputs, submissions, lists }: PageWriting): Standing {
  const accepted = groupBy(lists.newOutputs, (output) => output.inputId);
  return {
    now: options.now,
    input: inputs.get,
    output: outputs.get,
    submission: submissions.get,
    accepted: (inputId) => accepted.get(inputId) ?? [],
  };
}

/** Whether a change would write anything. */
export function isEmpty(change: Change): boolean {
  return Object.values(change).every((list) => list.length === 0);
}

/** The page with the outputs that were made when a change of it was committed. */
export function withMade(page: Page, made: readonly OutputRow[]): Page {
  return made.length === 0 ? page : { ...page, outputs: [...page.outputs, ...made] };
}
