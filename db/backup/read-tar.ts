import { createReadStream } from 'node:fs';
import { extract } from 'tar-stream';
import { BackupError } from './errors.ts';

/** The bytes under one name; the pieces of a table are one. To be read to its end before the next. */
export interface Section {
  /** Without the number of a piece. */
  readonly name: string;
  readonly bytes: AsyncIterable<Buffer>;
}

interface Entry extends AsyncIterable<unknown> {
  readonly header: { readonly name: string };
}

/**
 * Read a backup from its beginning to its end.
 *
 * @throws BackupError when it is no tar, or none to its end | the system's error when it cannot be read
 */
export async function* sectionsOf(file: string, signal: AbortSignal): AsyncGenerator<Section> {
  const entries = extract();
  const source = createReadStream(file, { signal });
  // `pipe` leaves the reader waiting for ever when the source fails.
  source.on('error', (error) => entries.destroy(error));
  source.pipe(entries);
  try {
    yield* joined(entries[Symbol.asyncIterator](), (error) =>
      isOfTheFile(error) ? new BackupError(damage(file, error), { cause: error }) : error,
    );
  } finally {
    source.destroy();
  }
}

/** @param told  the error in the reader's words, wherever it comes up: between two entries, or within one */
async function* joined(
  entries: AsyncIterator<Entry>,
  told: (error: unknown) => unknown,
): AsyncGenerator<Section> {
  const next = () =>
    entries.next().catch((error: unknown) => {
      throw told(error);
    });
  let current = await next();
  while (!current.done) {
    const name = sectionName(current.value);
    const bytes = async function* () {
      while (!current.done && sectionName(current.value) === name) {
        yield* bytesOf(current.value, told);
        current = await next();
      }
    };
    yield { name, bytes: bytes() };
  }
}

async function* bytesOf(entry: Entry, told: (error: unknown) => unknown): AsyncGenerator<Buffer> {
  try {
    // tar-stream's types leave open what it hands on: parts of what it was given, buffers.
    yield* entry as AsyncIterable<Buffer>;
  } catch (error) {
    throw told(error);
  }
}

function sectionName({ header }: Entry): string {
  return header.name.replace(/\/[0-9]+$/, '');
}

/** What tar-stream finds wrong are plain errors; the system's and an abort have a code. */
function isOfTheFile(error: unknown): error is Error {
  return error instanceof Error && error.name === 'Error' && !('code' in error);
}

function damage(file: string, { message }: Error): string {
  const how = /Unexpected end/.test(message)
    ? 'it is cut short'
    : 'it is no whole tar (where it was compressed, uncompress it first)';
  return `${file} is not a backup of rereco, or it is damaged: ${how}`;
}
