import { type ChildProcess, spawn } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Binaries } from './binaries.ts';
import { SET_DATABASE_URL, ServerError } from './errors.ts';
import { logSize, logTail, trimLog } from './log.ts';
import type { Place } from './place.ts';
import { type Probe, probe, type Ready } from './probe.ts';
import { orphans, processExists, signalProcess } from './processes.ts';
import { type Account, identity, serverEnvironment } from './run.ts';
import { makeSocketFolder, removeSocket, SOCKET_PORT } from './socket.ts';

type Down = Extract<Probe, { kind: 'down' }>;

/** How long refusals and silence are put up with; a busy machine takes long to start a server. */
const PATIENCE_MS = 120_000;
/** A server that says it is recovering gets longer: after a crash it replays its journal. */
const RECOVERY_PATIENCE_MS = 300_000;
const POLL_MS = 30;
const PAUSE_MS = 300;
const ORPHAN_PATIENCE_MS = 5_000;

/** What the last user of a folder leaves behind for moments: worth trying again until the patience ends. */
const PASSING = /pre-existing shared memory|lock file .* already exists|Address already in use/;

/**
 * Start the server of a data folder and wait until it answers; one that runs is waited for instead.
 *
 * Call it under the start lock. The server has a session of its own and outlives us.
 *
 * @throws ServerError with the end of the server's log when it does not come up
 */
export async function startServer(
  place: Place,
  binaries: Binaries,
  account: Account | undefined,
  signal: AbortSignal,
): Promise<Ready> {
  const giveUp = Date.now() + PATIENCE_MS;
  for (let attempt = 1; ; attempt++) {
    const before = await settled(place, signal, () => true, 0);
    if (before.kind === 'ready') return before;
    await clearRemains(place, before);
    await trimLog(place.log);

    const from = await logSize(place.log);
    const launched = await launch(place, binaries, account);
    const after = await settled(place, signal, launched.ended, from);
    if (after.kind === 'ready') return after;

    const tail = await logTail(place.log, from);
    const again = attempt === 1 || (PASSING.test(tail) && Date.now() < giveUp);
    if (!again) throw new ServerError(refusal(place, 'did not start', launched.failure() ?? tail));
    await sleep(PAUSE_MS, undefined, { signal });
  }
}

/** Wait until a server answers, or is down and will stay so. */
async function settled(
  place: Place,
  signal: AbortSignal,
  ended: () => boolean,
  from: number,
): Promise<Ready | Down> {
  const began = Date.now();
  for (;;) {
    // Asked before looking: a server that ended after the look would pass for one that never came.
    const over = ended();
    const seen = await probe(place, signal);
    if (seen.kind === 'ready' || (seen.kind === 'down' && over)) return seen;

    const recovering = seen.kind === 'busy' && seen.answering;
    if (Date.now() - began > (recovering ? RECOVERY_PATIENCE_MS : PATIENCE_MS)) {
      const why = seen.kind === 'busy' ? `does not answer (process ${seen.pid}: ${seen.why})` : 'is silent';
      throw new ServerError(refusal(place, why, await logTail(place.log, from)));
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

/**
 * Make way after a server that was killed.
 *
 * PostgreSQL itself refuses while an id in a lock file belongs to any live process of the same user,
 * and while one busy backend holds the old shared memory; both have been told apart here.
 */
async function clearRemains(place: Place, { left }: Down): Promise<void> {
  await endOrphans(place, 'SIGQUIT');
  await endOrphans(place, 'SIGKILL');
  await removeSocket(place, left?.socketDir ?? place.run);
  if (left !== undefined && processExists(left.pid)) await rm(join(place.data, 'postmaster.pid'));
}

async function endOrphans(place: Place, how: NodeJS.Signals): Promise<void> {
  const giveUp = Date.now() + ORPHAN_PATIENCE_MS;
  for (const pid of await orphans(place.data)) signalProcess(pid, how);
  while ((await orphans(place.data)).length > 0 && Date.now() < giveUp) await sleep(POLL_MS);
}

interface Launched {
  readonly ended: () => boolean;
  /** Why there was no process at all; what a process itself has to say is in the log. */
  readonly failure: () => string | undefined;
}

async function launch(place: Place, binaries: Binaries, account: Account | undefined): Promise<Launched> {
  const socketDir = await makeSocketFolder(place, account);
  const log = await open(place.log, 'a', 0o600);
  try {
    // Root may start a server for the owner of the folder, who must be able to go on with the log.
    if (account !== undefined && place.home === place.folder) await log.chown(account.uid, account.gid);
    const child = spawn(binaries.postgres, serverArguments(place, socketDir), {
      cwd: '/',
      detached: true,
      env: serverEnvironment(),
      stdio: ['ignore', log.fd, log.fd],
      ...identity(account),
    });
    child.unref();
    return watched(child);
  } finally {
    await log.close();
  }
}

function watched(child: ChildProcess): Launched {
  let failure: string | undefined;
  child.on('error', (error) => {
    failure = error.message;
  });
  return {
    ended: () => failure !== undefined || child.exitCode !== null || child.signalCode !== null,
    failure: () => failure,
  };
}

/** What no postgresql.conf may change, because finding and protecting the server rests on it. */
function serverArguments(place: Place, socketDir: string): readonly string[] {
  const settings = [
    `listen_addresses=`,
    `port=${SOCKET_PORT}`,
    `unix_socket_directories="${socketDir}"`,
    'unix_socket_permissions=0700',
    'logging_collector=off',
    'log_destination=stderr',
  ];
  return ['-D', place.data, ...settings.flatMap((setting) => ['-c', setting])];
}

function refusal(place: Place, what: string, detail: string): string {
  const said = detail === '' ? 'its log says nothing' : `the end of its log:\n${detail}\n`;
  return (
    `the embedded PostgreSQL of ${place.data} ${what}; ${said} (log: ${place.log}): repair what it names ` +
    `and try again, or ${SET_DATABASE_URL}`
  );
}
