import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import picomatch from 'picomatch';
import type { StorePath } from '../../machines/model.ts';
import { algorithmOf, newSummer } from '../../reconcilers/drivers/store/checksum.ts';
import { DriverError } from '../../reconcilers/ports/errors.ts';
import type { Seen } from '../../reconcilers/ports/seen.ts';
import type {
  ChecksumsAre,
  ExpectedBytes,
  StatDepth,
  Store,
  StoredFile,
} from '../../reconcilers/ports/store.ts';

/** A store in memory, with its insides and its switches. */
export interface MemoryStore {
  readonly store: Store;
  /** What it holds; tests look and change here as the world does. */
  readonly contents: Map<StorePath, Buffer>;
  /** Every call is `unavailable` from now on. */
  goDown(): void;
  /** All is well again, and answers are whole. */
  comeBack(): void;
  /** Every call takes so long from now on. */
  takes(ms: number): void;
  /** A file is not on disk from now on: reading it brings it back, which is noted. */
  toTape(path: StorePath): void;
  /** Files that were brought back from tape to be read. */
  readonly recalled: readonly StorePath[];
  /** Only the first half of what is asked for is answered, without the answer's end. */
  cutAnswersInHalf(): void;
}

/** No two of them share their files. */
let made = 0;

/** The store every other driver is compared with. Its free space is `freeBytes`, unknown when not given. */
export function memoryStore(
  name: string,
  freeBytes?: number,
  checksums: ChecksumsAre = 'computed',
): MemoryStore {
  const contents = new Map<StorePath, Buffer>();
  const onTape = new Set<StorePath>();
  const recalled: StorePath[] = [];
  const read = (path: StorePath) => {
    if (checksums === 'computed' && onTape.delete(path)) recalled.push(path);
  };
  const trouble = { down: false, half: false, ms: 0 };
  made += 1;
  const place = `memory ${process.pid} ${made}`;

  const ask = async <T>(signal: AbortSignal, call: () => T | Promise<T>): Promise<T> => {
    if (signal.aborted) throw new DriverError('unavailable', `store ${name}: no answer in time`);
    if (trouble.down) throw new DriverError('unavailable', `store ${name}: it is down`);
    if (trouble.ms > 0) await sleep(trouble.ms);
    return call();
  };
  const answered = (
    paths: readonly StorePath[],
    depth: StatDepth,
    askedAt: number,
  ): Seen<StorePath, StoredFile> => {
    const told = trouble.half ? paths.slice(0, Math.floor(paths.length / 2)) : paths;
    const found = new Map<StorePath, StoredFile>();
    const unknown = new Map<StorePath, string>();
    for (const path of told) {
      const bytes = contents.get(path);
      if (bytes) {
        if (depth !== 'size') read(path);
        const online = onTape.has(path) ? { online: false } : {};
        found.set(path, { ...describedTo(depth, bytes), ...online });
      } else if (!isPlain(path)) unknown.set(path, `path ${path} is not one below the root`);
      else if (isFolder(contents, path)) unknown.set(path, `${path} is not a file but a folder`);
    }
    return { askedAt, complete: !trouble.half, found, unknown };
  };

  const store: Store = {
    name,
    driver: 'memory',
    proofs: ['size', 'checksum', 'readBack'],
    atOnce: 4,
    checksums,
    stat: (paths, depth, askedAt, signal) => ask(signal, () => answered(paths, depth, askedAt)),
    locate: (paths, askedAt, signal) =>
      ask(signal, () => {
        const plain = paths.filter(isPlain);
        const others = paths.filter((path) => !isPlain(path));
        return {
          askedAt,
          complete: true,
          found: new Map(plain.map((path) => [path, { place, path, refused: null }])),
          unknown: new Map(others.map((path) => [path, `path ${path} is not one below the root`])),
        };
      }),
    list: (glob, askedAt, signal) =>
      ask(signal, () => {
        checkPath(name, glob.replaceAll(/[*?]/g, '_'));
        const matches = picomatch(glob, { dot: true, nonegate: true, flags: 's' });
        return answered(
          [...contents.keys()].filter((path) => matches(path)),
          'size',
          askedAt,
        );
      }),
    promote: (from, to, expected, signal) => ask(signal, () => promote(contents, name, from, to, expected)),
    remove: (path, expected, signal) =>
      ask(signal, () => {
        checkPath(name, path);
        const bytes = contents.get(path);
        if (bytes && !isExpected(bytes, expected)) throw conflict(name, path);
        contents.delete(path);
      }),
    put: (localFile, to, signal) =>
      ask(signal, async () => {
        checkPath(name, to);
        const bytes = await readFile(localFile);
        if (!(contents.get(to)?.equals(bytes) ?? true)) throw conflict(name, to);
        contents.set(to, bytes);
        return described(bytes);
      }),
    get: (path, localFile, signal) =>
      ask(signal, async () => {
        const bytes = contents.get(path);
        if (!bytes) throw new DriverError('absent', `store ${name}: ${path} is not there`);
        await writeFile(localFile, bytes);
      }),
    readText: (path, signal) => ask(signal, () => contents.get(path)?.toString('utf8')),
    replaceText: (path, text, signal) =>
      ask(signal, () => {
        checkPath(name, path);
        contents.set(path, Buffer.from(text));
      }),
    // Folders are what paths of files make of them: none is empty.
    emptyFolders: (_below, signal) => ask(signal, () => []),
    removeFolders: (_paths, signal) => ask(signal, () => undefined),
    freeBytes: (signal) => ask(signal, () => freeBytes),
    jobCommands: {
      fetch: () => unreachable(name),
      deliver: () => unreachable(name),
      place: (path) => path,
    },
    localPath: () => undefined,
  };

  return {
    store,
    contents,
    recalled,
    toTape: (path) => void onTape.add(path),
    goDown: () => {
      trouble.down = true;
    },
    comeBack: () => {
      trouble.down = false;
      trouble.half = false;
    },
    takes: (ms) => {
      trouble.ms = ms;
    },
    cutAnswersInHalf: () => {
      trouble.half = true;
    },
  };
}

function promote(
  contents: Map<StorePath, Buffer>,
  name: string,
  from: StorePath,
  to: StorePath,
  expected: ExpectedBytes | null,
): void {
  checkPath(name, from);
  checkPath(name, to);
  if (from === to) throw new DriverError('rejected', `store ${name}: ${from} is both names`);
  const [source, target] = [contents.get(from), contents.get(to)];
  if (!source && !target)
    throw new DriverError('absent', `store ${name}: neither ${from} nor ${to} is there`);
  if (expected && source && !isExpected(source, expected)) throw conflict(name, from);
  if (source && target && !source.equals(target)) throw conflict(name, to);
  if (expected && target && !isExpected(target, expected)) throw conflict(name, to);
  if (!source) return;
  contents.set(to, source);
  contents.delete(from);
}

/** What a store says of bytes it has read. */
export function described(bytes: Buffer): Required<Pick<StoredFile, 'sizeBytes' | 'checksum'>> {
  return { sizeBytes: bytes.length, checksum: sumOf(bytes, 'adler32') };
}

function describedTo(depth: StatDepth, bytes: Buffer): StoredFile {
  if (depth === 'size') return { sizeBytes: bytes.length };
  const algorithm = depth === 'checksum' ? 'adler32' : depth.slice('checksum:'.length);
  if (!newSummer(algorithm)) return { sizeBytes: bytes.length };
  return { sizeBytes: bytes.length, checksum: sumOf(bytes, algorithm) };
}

function isExpected(bytes: Buffer, expected: ExpectedBytes): boolean {
  if (bytes.length !== expected.sizeBytes) return false;
  return (
    expected.checksum === undefined || sumOf(bytes, algorithmOf(expected.checksum)) === expected.checksum
  );
}

function sumOf(bytes: Buffer, algorithm: string): string {
  const summer = newSummer(algorithm);
  if (!summer) throw new DriverError('rejected', `a sum by ${algorithm} cannot be computed here`);
  summer.update(bytes);
  return summer.checksum();
}

function conflict(name: string, path: StorePath): DriverError {
  return new DriverError('conflict', `store ${name}: ${path} holds other bytes`);
}

function checkPath(name: string, path: StorePath): void {
  if (!isPlain(path))
    throw new DriverError('rejected', `store ${name}: path ${path} is not one below the root`);
}

function isPlain(path: StorePath): boolean {
  return (
    !path.includes('\0') && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

function isFolder(contents: ReadonlyMap<StorePath, Buffer>, path: StorePath): boolean {
  for (const key of contents.keys()) if (key.startsWith(`${path}/`)) return true;
  return false;
}

function unreachable(name: string): string {
  return `( echo 'store ${name} is in memory: no job can reach it' >&2; exit 1 )`;
}
