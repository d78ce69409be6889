/**
 * The words every other module speaks: states, facts, phases, classes.
 *
 * Closed lists are values as well as types, so that the database's CHECK
 * constraints, the help texts and the tests read the same lists.
 */

/** Milliseconds since the epoch by the database's clock, or a span of them. */
export type Millis = number;

/** A file's number in the database; inputs and outputs share one sequence. */
export type FileId = number;

/** `r<request>-<installation>-<n>`: the name of one call's work in an outside system. */
export type SubmissionName = string;

/** A path below a store's root: `/` between names, no `..`, no leading `/`. */
export type StorePath = string;

/** Folder of a store for what is not final yet; nothing below it is ever declared. */
export const OWN_FOLDER = '.rereco';

/** Where small files of our own are written before they get their names; what lies there for long is a killed call's. */
export const TEMPORARIES: StorePath = `${OWN_FOLDER}/tmp`;

/** The two stores that files are brought between, by their names. */
export interface Endpoint {
  readonly from: string;
  readonly to: string;
}

/** What an endpoint is `from` where the catalog's own system brings the files. */
export const FROM_CATALOG = 'catalog';

/** An endpoint as columns, keys and sentences have it: `from>to`. */
export function endpointText({ from, to }: Endpoint): string {
  return `${from}>${to}`;
}

/** The endpoint of a text that `endpointText` made. */
export function endpointOf(text: string): Endpoint {
  const at = text.indexOf('>');
  if (at < 0) throw new Error(`${text} is not an endpoint from>to; please report`);
  return { from: text.slice(0, at), to: text.slice(at + 1) };
}

/** `adler32:` and eight lower-case hex digits (seed 1); other algorithms likewise `<name>:<hex>`. */
export type Checksum = string;

/** A hash of the fields of a spec that change what is produced. */
export type Revision = string;

export const FILE_STATES = [
  'pending',
  'transferred',
  'verified',
  'running',
  'done',
  'error',
  'copied',
] as const;
export type FileState = (typeof FILE_STATES)[number];

export const OUTPUT_STATES = [
  'accepted',
  'promoted',
  'declared',
  'located',
  'copied',
  'deleted',
  'lost',
] as const;
export type OutputState = (typeof OUTPUT_STATES)[number];

export const JOB_STATES = ['pending', 'running', 'done', 'error', 'lost'] as const;
export type JobState = (typeof JOB_STATES)[number];

export const PHASES = ['transfer', 'verify', 'process', 'publish', 'export', 'archive'] as const;
export type Phase = (typeof PHASES)[number];

/** Why something failed, as far as it decides what happens next (design: "Error classes"). */
export const ERROR_CLASSES = [
  'transient',
  'site',
  'outage',
  'resources',
  'data',
  'software',
  'unknown',
] as const;
export type ErrorClass = (typeof ERROR_CLASSES)[number];

/** Classes of failures that, where file after file fails alike, are not the files' doing. */
export const BLAMING_CLASSES: readonly ErrorClass[] = ['software', 'unknown'];

/** Whose answer was at fault when a check failed: the copy's bytes, or the catalog's entry. */
export const FAULTS = ['copy', 'catalog'] as const;
export type Fault = (typeof FAULTS)[number];

/** What can be held, so that it gets no new work. `system`: a store, the batch system, the catalog or a mover of a site. */
export const HOLD_SCOPES = ['dataset', 'phase', 'system', 'node'] as const;
export type HoldScope = (typeof HOLD_SCOPES)[number];

/** By what something is held: a person's `suspend`, an answer about members, failures that are alike, too many failures. */
export const HOLD_CODES = ['suspended.byPerson', 'held.members', 'held.software', 'held.failures'] as const;
export type HoldCode = (typeof HOLD_CODES)[number];

/** Who signs what no person does: a hold by a rule, its end, the taking back of a waiver. */
export const BY_RULE = 'rereco';

/** How a hold ends: a person says so, or its cause is gone. */
export const HOLD_ENDS = ['resumed', 'over'] as const;
export type HoldEnd = (typeof HOLD_ENDS)[number];

/** What a person waives: a whole input, or what the accepted result of one lacks. */
export const WAIVER_KINDS = ['input', 'difference'] as const;
export type WaiverKind = (typeof WAIVER_KINDS)[number];

/** Something seen to be so about an input file; only facts move machines. */
export type FileFact =
  | { readonly type: 'copy.present' }
  | { readonly type: 'copy.absent' }
  | { readonly type: 'transfer.failed' }
  | { readonly type: 'check.passed' }
  | { readonly type: 'check.failed'; readonly fault: Fault }
  | { readonly type: 'job.accepted' }
  | { readonly type: 'job.succeeded' }
  | { readonly type: 'job.failed' }
  | { readonly type: 'job.lost' }
  | { readonly type: 'outputs.copied' }
  | { readonly type: 'outputs.missing' }
  | { readonly type: 'output.absent' }
  | { readonly type: 'output.corrupt' }
  | { readonly type: 'processing.outdated'; readonly rawCopy: 'present' | 'gone' }
  | { readonly type: 'source.replaced' }
  | { readonly type: 'retry.due' }
  | { readonly type: 'operator.cleaned' }
  | { readonly type: 'difference.waived' }
  | { readonly type: 'input.waived' };

/** Something seen to be so about an output file. */
export type OutputFact =
  | { readonly type: 'output.promoted' }
  | { readonly type: 'output.declared' }
  | { readonly type: 'output.retracted' }
  | { readonly type: 'output.located' }
  | { readonly type: 'output.copied' }
  | { readonly type: 'output.deleted' }
  | { readonly type: 'far.absent' }
  | { readonly type: 'far.corrupt' }
  | { readonly type: 'output.absent' }
  | { readonly type: 'output.corrupt' }
  | { readonly type: 'output.superseded' };

/** Something seen to be so about a job of a submission. */
export type JobFact =
  | { readonly type: 'job.started' }
  | { readonly type: 'job.succeeded' }
  | { readonly type: 'job.failed' }
  | { readonly type: 'job.vanished' };
