import { access, constants, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import type { StorePath } from '../../../machines/model.ts';
import type { Counter } from '../../ports/counter.ts';
import { DriverError } from '../../ports/errors.ts';
import type { Store } from '../../ports/store.ts';
import { answer } from '../store/faults.ts';
import { quoted } from '../store/quoted.ts';
import { manifestReader } from './manifest.ts';
import { type Ended, runBounded } from './run-bounded.ts';

/** What `shellCounter` is told. */
export interface ShellCounterOptions {
  /** For one file; ten minutes when not given. */
  readonly timeoutMs?: number;
  /** Where files of a store without a folder here are brought to be read; the system's own when not given. */
  readonly temporaryFolder?: string;
}

/** Counts the events of stored files by grep, by a command, or by looking them up in a manifest. */
export function shellCounter(options: ShellCounterOptions = {}): Counter {
  const { timeoutMs = 600_000, temporaryFolder = tmpdir() } = options;
  const countsOf = manifestReader();

  return {
    countTogether: async (store, paths, how, signal) =>
      how.by === 'pattern' ? grepTogether(store, paths, how.pattern, signal) : new Map(),
    count: (store, path, how, signal) => {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const name = basename(path);
      return answer(`count events of ${name}`, limited, async () => {
        switch (how.by) {
          case 'catalog':
            throw new DriverError('rejected', `count events of ${name}: the spec leaves them to the catalog`);
          case 'manifest': {
            const count = await readable(how.manifest).then(() => countsOf(how.manifest, limited));
            return count.get(name) ?? notNamed(how.manifest, name);
          }
          case 'pattern':
            return withLocal(store, path, temporaryFolder, limited, (file) =>
              grep(how.pattern, file, limited),
            );
          case 'command':
            return withLocal(store, path, temporaryFolder, limited, (file) =>
              run(how.command, file, limited),
            );
        }
      });
    },
  };
}

async function withLocal(
  store: Store,
  path: StorePath,
  temporaryFolder: string,
  signal: AbortSignal,
  count: (file: string) => Promise<number>,
): Promise<number> {
  const local = store.localPath(path);
  if (local !== undefined) return readable(local).then(() => count(local));

  const folder = await mkdtemp(join(temporaryFolder, 'rereco-count-'));
  try {
    const file = join(folder, basename(path));
    await store.get(path, file, signal);
    return await count(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function grep(pattern: string, file: string, signal: AbortSignal): Promise<number> {
  const ended = await runBounded('grep', ['-c', '-E', '-e', pattern, '--', file], signal);
  // 1 says that no line matches, and prints 0.
  if (ended.exitCode === 0 || ended.exitCode === 1) return integerIn(ended, `pattern ${pattern}`);
  // It complains about the file by its name, about the pattern without.
  const code = ended.exitCode === null || ended.stderr.includes(file) ? 'unavailable' : 'rejected';
  throw new DriverError(code, `pattern ${pattern}: ${told(ended)}`);
}

/** Larger ones are counted one by one, each with a time of its own. */
const SMALL_BYTES = 1_000_000;

/** A process for each of many small files takes far longer than it counts. */
async function grepTogether(
  store: Store,
  paths: readonly StorePath[],
  pattern: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<StorePath, number>> {
  const small: (readonly [StorePath, string])[] = [];
  for (const path of paths) {
    const file = store.localPath(path);
    const found = file === undefined ? undefined : await stat(file).catch(() => undefined);
    if (file !== undefined && found?.isFile() && found.size <= SMALL_BYTES) small.push([path, file]);
  }
  if (small.length < 2) return new Map();
  const files = small.map(([, file]) => file);
  const ended = await runBounded('grep', ['-c', '-h', '-E', '-e', pattern, '--', ...files], signal);
  const counts = ended.stdout.trim().split('\n');
  // Of a file that it cannot read it prints a complaint and no number: who is who is not known then.
  const allCounted = ended.exitCode === 0 || ended.exitCode === 1;
  if (!allCounted || counts.length !== files.length || !counts.every((text) => /^\d{1,15}$/.test(text))) {
    return new Map();
  }
  return new Map(small.map(([path], n) => [path, Number(counts[n])]));
}

async function run(command: string, file: string, signal: AbortSignal): Promise<number> {
  const ended = await runBounded('sh', ['-c', command.replaceAll('{file}', () => quoted(file))], signal);
  if (ended.exitCode === 0) return integerIn(ended, `command ${command}`);
  throw new DriverError('rejected', `command ${command}: ${told(ended)}`);
}

function integerIn(ended: Ended, what: string): number {
  const text = ended.stdout.trim();
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const printed = JSON.stringify(text.slice(0, 60));
  throw new DriverError(
    'rejected',
    `${what}: printed ${printed}; it must print one whole number and no more`,
  );
}

function told({ exitCode, stderr }: Ended): string {
  const how = exitCode === null ? 'ended by a signal' : `exit code ${exitCode}`;
  return `${how}: ${stderr.trim().slice(-500)}`;
}

function notNamed(manifest: string, name: string): never {
  throw new DriverError('rejected', `${manifest} names no event_count for ${name}; add it`);
}

async function readable(file: string): Promise<void> {
  try {
    await access(file, constants.R_OK);
  } catch (error) {
    throw new DriverError('unavailable', `${file} cannot be read`, { cause: error });
  }
}
