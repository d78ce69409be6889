/** The metadata file a job leaves beside an output: is it there, can it be read, does it agree? */

import type { Failure } from '../../model/failure.ts';
import type { InputRow } from '../../model/rows.ts';
import type { ReportedOutput } from '../../ports/spool.ts';
import type { StoredFile } from '../../ports/store.ts';
import type { WantedOutput } from '../wanted/wanted.ts';

export type Metadata = Readonly<Record<string, unknown>>;

/** A metadata file's JSON object; undefined when the text is none. */
export function readMetadata(text: string): Metadata | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export interface MetadataSubject {
  readonly input: InputRow;
  readonly wanted: WantedOutput;
  readonly reported: ReportedOutput;
  readonly stored: StoredFile;
  readonly application: { readonly family: string; readonly name: string; readonly version: string };
}

/**
 * What is wrong with an output's metadata; undefined when none was asked for or
 * all of it agrees: name, size, events, parents, application. A field it does
 * not mention is not held against it, but for the name.
 */
export function metadataProblem(subject: MetadataSubject): Failure | undefined {
  const { wanted, reported } = subject;
  if (wanted.metadataName === null) return undefined;
  if (reported.metadata === null) return software(`its metadata file ${wanted.metadataName} is missing`);
  const metadata = readMetadata(reported.metadata);
  if (metadata === undefined)
    return software(`its metadata file ${wanted.metadataName} is not a JSON object`);

  const expected: Readonly<Record<string, unknown>> = {
    file_name: wanted.name,
    file_size: subject.stored.sizeBytes,
    event_count: reported.eventsWritten,
    'application.family': subject.application.family,
    'application.name': subject.application.name,
    'application.version': subject.application.version,
  };
  if (metadata.file_name === undefined) return software('its metadata does not name its file (file_name)');
  for (const [path, value] of Object.entries(expected)) {
    const said = at(metadata, path);
    if (said === undefined || value === null || said === value) continue;
    return software(
      `its metadata says ${path} ${JSON.stringify(said)}, which should be ${JSON.stringify(value)}`,
    );
  }
  return parentsProblem(metadata.parents, subject.input.name);
}

function parentsProblem(parents: unknown, input: string): Failure | undefined {
  if (parents === undefined) return undefined;
  const names = Array.isArray(parents)
    ? parents.map((parent: unknown) => (isObject(parent) ? parent.file_name : parent))
    : [];
  if (names.length === 1 && names[0] === input) return undefined;
  return software(`its metadata names the parents ${JSON.stringify(parents)}, which should be ["${input}"]`);
}

function at(metadata: Metadata, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), metadata);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const software = (reason: string): Failure => ({ class: 'software', reason });
