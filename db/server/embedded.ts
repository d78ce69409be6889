/**
 * The PostgreSQL that ReReco brings along: one server a state folder, shared by all its commands.
 *
 * Nothing of it lives in a process of ours. What is known of a server is read each time from its data
 * folder, its process and its answers, so that a `kill -9` of anything leaves nothing to repair by hand.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { serverAccount } from './account.ts';
import { usableBinaries } from './binaries.ts';
import { hasCode, messageOf, SET_DATABASE_URL, ServerError } from './errors.ts';
import { exists } from './file-system.ts';
import { initialize } from './initialize.ts';
import { trimLog } from './log.ts';
import {
  findPlace,
  lockPath,
  makePlace,
  makeServerFolder,
  type Place,
  recordedPlace,
  serverFolder,
} from './place.ts';
import { makeDatabase, probe, type Ready, type ServerUrl } from './probe.ts';
import { startServer } from './start.ts';
import { withLock } from './start-lock.ts';
import { endServer } from './stop.ts';

export type { ServerUrl } from './probe.ts';

/** What there is of a state folder's server; `none` means that it was never made. */
export interface ServerStatus {
  readonly state: 'running' | 'stopped' | 'none';
  readonly pid?: number;
  readonly dataDir?: string;
  /** Of the running server, as in `18.4`; of a stopped one the major version alone. */
  readonly version?: string;
  readonly logFile?: string;
  /** How to connect; only of one that runs and answers. */
  readonly connection?: ServerUrl;
}

/**
 * The server of a state folder, running: adopted when it is, else started, else made first.
 *
 * Any number of processes may call it at once, as often as they like; they share one server, and it
 * stays when they end.
 *
 * @throws ServerError when there can be none, saying what to do instead
 */
export async function ensureServer(stateDir: string, signal: AbortSignal): Promise<ServerUrl> {
  return told(stateDir, signal, async () => {
    const place = await findPlace(stateDir);
    const adopted = place === undefined ? undefined : await adopt(place, signal);
    if (adopted !== undefined) return adopted;
    await makeServerFolder(stateDir);
    return started(stateDir, signal);
  });
}

/**
 * The server of a state folder that has one, started when it does not run; else nothing is created.
 *
 * @returns `undefined` when there is no data folder
 * @throws ServerError when there is one and it cannot be served
 */
export async function findServer(stateDir: string, signal: AbortSignal): Promise<ServerUrl | undefined> {
  return told(stateDir, signal, async () => {
    const place = await findPlace(stateDir);
    if (place === undefined) return undefined;
    return (await adopt(place, signal)) ?? (await started(stateDir, signal));
  });
}

/**
 * Stop the server of a state folder, after which none runs.
 *
 * @returns `none` when the folder never had one
 * @throws ServerError when it does not end
 */
export async function stopServer(
  stateDir: string,
  signal: AbortSignal,
): Promise<'stopped' | 'not running' | 'none'> {
  return told(stateDir, signal, async () => {
    if (!(await exists(serverFolder(stateDir)))) return 'none';
    // Under the lock even when there is no data folder: somebody may be making one.
    return withLock(lockPath(stateDir), signal, async () => {
      const place = await findPlace(stateDir);
      if (place === undefined) return 'none';
      return (await endServer(place, 'fast', signal)) ? 'stopped' : 'not running';
    });
  });
}

/**
 * Stop the server of a state folder and remove it with all its data, wherever that is.
 *
 * @returns whether there was anything to remove
 */
export async function removeServer(stateDir: string, signal: AbortSignal): Promise<boolean> {
  return told(stateDir, signal, async () => {
    if (!(await exists(serverFolder(stateDir)))) return false;
    await withLock(lockPath(stateDir), signal, async () => {
      const place = await recordedPlace(stateDir);
      await endServer(place, 'immediate', signal);
      await rm(place.home, { recursive: true, force: true });
    });
    await rm(serverFolder(stateDir), { recursive: true, force: true });
    return true;
  });
}

/** Look what there is of a state folder's server, changing nothing. */
export async function serverStatus(stateDir: string, signal: AbortSignal): Promise<ServerStatus> {
  return told(stateDir, signal, async () => {
    const place = await findPlace(stateDir);
    if (place === undefined) return { state: 'none' };
    const seen = await probe(place, signal);
    const files = { dataDir: place.data, logFile: place.log };
    if (seen.kind === 'ready') {
      const { pid, version, url } = seen;
      return { state: 'running', pid, version, ...files, connection: url };
    }
    const version = (await readFile(join(place.data, 'PG_VERSION'), 'utf8')).trim();
    if (seen.kind === 'busy') return { state: 'running', pid: seen.pid, version, ...files };
    return { state: 'stopped', version, ...files };
  });
}

async function adopt(place: Place, signal: AbortSignal): Promise<ServerUrl | undefined> {
  const seen = await probe(place, signal);
  if (seen.kind !== 'ready') return undefined;
  await trimLog(place.log);
  return withDatabase(seen);
}

async function started(stateDir: string, signal: AbortSignal): Promise<ServerUrl> {
  return withLock(lockPath(stateDir), signal, async () => {
    const found = await findPlace(stateDir);
    // Whoever had the lock before us has started it.
    const adopted = found === undefined ? undefined : await adopt(found, signal);
    if (adopted !== undefined) return adopted;

    const account = await serverAccount(found?.data, signal);
    const place = await makePlace(stateDir);
    const binaries = await usableBinaries(place.home, account, signal);
    await initialize(place, binaries, account, signal);
    return withDatabase(await startServer(place, binaries, account, signal));
  });
}

async function withDatabase({ url, hasDatabase }: Ready): Promise<ServerUrl> {
  if (!hasDatabase) await makeDatabase(url);
  return url;
}

/** Say of the system's errors where they came up and what to do. */
async function told<Result>(
  stateDir: string,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ServerError || signal.aborted) throw error;
    const whose = hasCode(error, 'EACCES', 'EPERM') ? 'run as the user it belongs to' : 'repair that';
    throw new ServerError(
      `the embedded PostgreSQL of ${stateDir} cannot be used (${messageOf(error)}): ${whose}, or ${SET_DATABASE_URL}`,
      { cause: error },
    );
  }
}
