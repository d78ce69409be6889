/** What is wrong with an output that a job has left: its size, its checksum, its events, its metadata. */
import type { OutputPolicy } from '../../../specs/types.ts';
import { agreeing, counted } from '../../model/counted.ts';
import type { ReportedOutput } from '../../ports/spool.ts';
import type { StoredFile } from '../../ports/store.ts';
import type { Problem } from './classify.ts';
import { type MetadataSubject, metadataProblem } from './metadata.ts';

/** `outputProblem` finds the first thing that is wrong. @param read  the events the job has read */
export function outputProblem(subject: MetadataSubject, read: number): Problem | undefined {
  const { reported, stored, wanted } = subject;
  const { policy } = wanted.spec;
  return (
    sizeProblem(reported, stored) ??
    emptyProblem(policy, read, reported) ??
    policyProblem(policy, read, reported) ??
    metadataProblem(subject)
  );
}

function sizeProblem(reported: ReportedOutput, copy: StoredFile): Problem | undefined {
  if (copy.sizeBytes !== reported.sizeBytes) {
    return {
      class: 'transient',
      reason: `the store has ${counted(copy.sizeBytes, 'byte')}, the job wrote ${reported.sizeBytes}`,
    };
  }
  if (reported.checksum !== null && copy.checksum !== undefined && copy.checksum !== reported.checksum) {
    return {
      class: 'transient',
      reason: `the store has ${copy.checksum}, the job wrote ${reported.checksum}`,
    };
  }
  return undefined;
}

const PPM = 1_000_000;

/** A file of no bytes is right only where no event had to be written, and none was. */
function emptyProblem(policy: OutputPolicy, read: number, output: ReportedOutput): Problem | undefined {
  if (output.sizeBytes > 0) return undefined;
  const written = output.eventsWritten ?? 0;
  if (written > 0)
    return {
      class: 'unknown',
      reason: `it is empty, but ${counted(written, 'event')} ${agreeing(written, 'was', 'were')} written to it`,
    };
  const needed = policy.kind === 'equal' ? read : policy.kind === 'range' ? policy.atLeastPpm * read : 0;
  return needed > 0 ? { class: 'unknown', reason: 'it is empty', suspect: true } : undefined;
}

function policyProblem(policy: OutputPolicy, read: number, output: ReportedOutput): Problem | undefined {
  if (policy.kind === 'none') return undefined;
  const written = output.eventsWritten;
  if (written === null) {
    return {
      class: 'software',
      reason: 'the job does not say how many events it wrote (eventsWritten)',
      suspect: true,
    };
  }
  const suspect = written === 0;
  if (policy.kind === 'equal') {
    if (written === read) return undefined;
    return {
      class: 'unknown',
      suspect,
      reason: `${counted(written, 'event')} written, ${read} read (policy: equal)`,
    };
  }
  if (written * PPM > policy.atMostPpm * read || written * PPM < policy.atLeastPpm * read) {
    const range = `${policy.atLeastPpm / 10_000} % to ${policy.atMostPpm / 10_000} %`;
    return {
      class: 'unknown',
      suspect,
      reason: `${counted(written, 'event')} written, ${read} read (policy: ${range})`,
    };
  }
  return undefined;
}
