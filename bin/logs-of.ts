/** What the jobs of a submission left, wherever it lies now: the spool, or an archive's tar in a store. */
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { extract } from 'tar-stream';
import type { ArchivedLogs, LoggedSubmission } from '../db/queries/logs.ts';
import { stderrName, stdoutName } from '../reconcilers/drivers/spool/names.ts';
import type { Store } from '../reconcilers/ports/store.ts';
import { UserError } from './failure.ts';
import type { Session } from './session.ts';

/** A file's bytes, piece by piece. */
export type Bytes = AsyncIterable<unknown>;

/** Hand one file to somebody who reads it to its end. */
export type EachFile = (name: string, bytes: Bytes) => Promise<void>;

/** The files a submission left. */
export interface LeftFiles {
  /** Where they lie, for people. */
  readonly where: string;
  readonly names: readonly string[];
  /** Read some of them, one after another. */
  read(wanted: ReadonlySet<string>, each: EachFile): Promise<void>;
}

/**
 * Find what a submission left: the spool's folder while it is there, else the archive.
 *
 * @returns without names when nothing is left, or nothing was left yet
 * @throws UserError where no site on record has the archive's store | DriverError where the spool is not there
 */
export async function findLogs(
  session: Session,
  submission: LoggedSubmission,
  signal: AbortSignal,
): Promise<LeftFiles> {
  const { spool } = session.siteOf(submission.made.site).ports;
  const folder = spool.folder(submission.name);
  const names = await namesBelow(folder);
  // A spool that is not mounted has no folder either; asking it anything says so.
  if (names.length === 0 && submission.archive === null) await spool.read([], 0, signal);
  if (names.length > 0 || submission.archive === null) return inFolder(folder, names);
  return inArchive(
    storeOf(session, submission, submission.archive),
    submission.name,
    submission.archive,
    signal,
  );
}

async function namesBelow(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const names: string[] = [];
  for (const name of found.toSorted()) {
    if ((await stat(path.join(folder, name)).catch(() => null))?.isFile()) names.push(name);
  }
  return names;
}

function inFolder(folder: string, names: readonly string[]): LeftFiles {
  return {
    where: folder,
    names,
    async read(wanted, each) {
      for (const name of names.filter((one) => wanted.has(one))) {
        await each(name, createReadStream(path.join(folder, name)));
      }
    },
  };
}

/** The archive was made under the spec in force then: its store may be one of either site. */
function storeOf(session: Session, { current, made }: LoggedSubmission, archive: ArchivedLogs): Store {
  for (const { site } of [current, made]) {
    const store = session.siteOf(site).ports.stores.get(archive.store);
    if (store !== undefined) return store;
  }
  throw new UserError(
    `the logs are in ${archive.store}:${archive.path}, but the site has no store ${archive.store}`,
  );
}

function inArchive(store: Store, submission: string, archive: ArchivedLogs, signal: AbortSignal): LeftFiles {
  return {
    where: `${archive.store}:${archive.path}`,
    names: archive.entries,
    async read(wanted, each) {
      await mustBeThere(store, archive, signal);
      const near = store.localPath(archive.path);
      if (near !== undefined) return readTar(near, submission, wanted, each);
      const folder = await mkdtemp(path.join(tmpdir(), 'rereco-logs-'));
      try {
        const tar = path.join(folder, 'archive.tar');
        await store.get(archive.path, tar, signal);
        await readTar(tar, submission, wanted, each);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** Of a log, so much is read for its last lines. */
const END_BYTES = 64 * 1024;

/**
 * `archivedLogEnd` gives the end of what a job printed, from the archive its submission is in.
 *
 * @returns undefined where the archive is in a store whose files have no path here: reading it may take a tape
 */
export async function archivedLogEnd(
  session: Session,
  submission: LoggedSubmission,
  index: number,
): Promise<string | undefined> {
  const { archive } = submission;
  const near = archive && storeOf(session, submission, archive).localPath(archive.path);
  if (near == null) return undefined;
  const ends = new Map<string, string>();
  const names = [stdoutName(index), stderrName(index)];
  await readTar(near, submission.name, new Set(names), async (name, bytes) => {
    ends.set(name, (await endOf(bytes, END_BYTES)).text);
  });
  return names.map((name) => ends.get(name) ?? '').join('');
}

/** @throws UserError where the tar is gone | DriverError where its store does not say */
async function mustBeThere(store: Store, { store: name, path: tar }: ArchivedLogs, signal: AbortSignal) {
  const { found, unknown } = await store.stat([tar], 'size', 0, signal);
  if (found.has(tar)) return;
  throw new UserError(`the logs are in ${name}:${tar}, ${unknown.get(tar) ?? 'but it is not there'}`);
}

/** Hand over the wanted files of one submission's folder in a tar, in the order they lie in it. */
export async function readTar(
  tar: string,
  submission: string,
  wanted: ReadonlySet<string>,
  each: EachFile,
): Promise<void> {
  if (wanted.size === 0) return;
  const entries = extract();
  const source = createReadStream(tar);
  // `pipe` leaves the reader waiting for ever when the source fails.
  source.on('error', (error) => entries.destroy(error));
  source.pipe(entries);
  const prefix = `${submission}/`;
  let left = wanted.size;
  for await (const entry of entries) {
    const { name } = entry.header;
    const file = name.slice(prefix.length);
    if (name.startsWith(prefix) && wanted.has(file)) {
      await each(file, entry);
      left -= 1;
    } else entry.resume();
    if (left === 0) break;
  }
  source.destroy();
}

/** Bytes straight to standard output, as fast as it takes them, until its reader goes. */
export async function copyToOutput(bytes: Bytes): Promise<void> {
  let last = '\n';
  for await (const chunk of bytes) {
    const text = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    if (text.length === 0) continue;
    last = String.fromCharCode(text[text.length - 1] ?? 10);
    if (!process.stdout.write(text) && !(await isRead(process.stdout))) return;
  }
  if (last !== '\n') process.stdout.write('\n');
}

/** Wait until a stream takes more. @returns false when its reader has gone, as `| head` goes */
async function isRead(stream: NodeJS.WriteStream): Promise<boolean> {
  try {
    await once(stream, 'drain');
    return true;
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'EPIPE') return false;
    throw error;
  }
}

/** The end of a text, with whether that is all of it. @param most bytes kept */
export async function endOf(
  bytes: Bytes,
  most: number,
): Promise<{ readonly text: string; readonly whole: boolean }> {
  let kept = Buffer.alloc(0);
  let whole = true;
  for await (const chunk of bytes) {
    const all = Buffer.concat([kept, Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))]);
    whole &&= all.length <= most;
    kept = all.subarray(Math.max(0, all.length - most));
  }
  return { text: kept.toString('utf8'), whole };
}
