import { execFile } from 'node:child_process';
import { messageOf } from './errors.ts';

/** A user of this machine, by numbers: what `spawn` needs to become that user. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** How a program ended; `failure` is there unless it ended with exit code 0. */
export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly failure?: string;
}

/** Who runs a program, and where. */
export interface RunAs {
  /** The user to become, or `undefined` for the user we are. */
  readonly account: Account | undefined;
  readonly folder: string;
}

const PATIENCE_MS = 300_000;

/**
 * The environment of every PostgreSQL program: nothing of the caller's but PATH.
 *
 * A PGDATA, PGPORT, LD_LIBRARY_PATH or exotic locale of somebody's shell must not reach the server.
 */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

/** The part of `spawn`'s options that makes the child run as somebody. */
export function identity(account: Account | undefined): { readonly uid?: number; readonly gid?: number } {
  return account === undefined ? {} : { uid: account.uid, gid: account.gid };
}

/**
 * Run a short program to its end; a program that fails or cannot be started is an answer, not an error.
 *
 * @throws the signal's reason when it is aborted
 */
export function run(program: string, args: readonly string[], as: RunAs, signal: AbortSignal): Promise<Ran> {
  signal.throwIfAborted();
  const options = { cwd: as.folder, env: serverEnvironment(), timeout: PATIENCE_MS, ...identity(as.account) };
  return new Promise((resolve, reject) => {
    try {
      execFile(program, args, { ...options, signal }, (error, stdout, stderr) => {
        if (signal.aborted) return reject(signal.reason);
        if (error === null) return resolve({ stdout, stderr });
        resolve({ stdout, stderr, failure: stderr.trim() || messageOf(error) });
      });
    } catch (error) {
      // Some refusals of the system (a user id it does not have) come at once.
      resolve({ stdout: '', stderr: '', failure: messageOf(error) });
    }
  });
}
