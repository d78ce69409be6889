import { spawn } from 'node:child_process';

/** How a program ended, and what it printed, up to a limit. */
export interface Ended {
  /** null when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A number and a complaint are all that is read. */
const PRINTED_BYTES = 64 * 1024;

/**
 * Run a program to its end, in a process group and the C locale: who counts must not change a count.
 *
 * @throws the signal's reason, once everything that was started is killed | the
 *   system's own error when it cannot be started
 */
export function runBounded(program: string, args: readonly string[], signal: AbortSignal): Promise<Ended> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const env = { ...process.env, LC_ALL: 'C' };
    const child = spawn(program, args, { detached: true, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', taker(out));
    child.stderr.on('data', taker(err));

    const kill = () => {
      if (child.pid !== undefined) killGroup(child.pid);
      // What left the group may hold its ends of the pipes for ever; ours would keep this process alive.
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
      reject(signal.reason);
    };
    signal.addEventListener('abort', kill, { once: true });
    child.once('error', (error) => {
      signal.removeEventListener('abort', kill);
      reject(error);
    });
    child.once('close', (exitCode) => {
      signal.removeEventListener('abort', kill);
      resolve({ exitCode, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
    });
  });
}

/** A shell's children too: killing the shell alone leaves them. */
function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // All of them have ended, and only their pipes are still to be closed.
  }
}

function taker(chunks: Buffer[]): (chunk: Buffer) => void {
  let left = PRINTED_BYTES;
  return (chunk) => {
    if (left > 0) chunks.push(chunk.subarray(0, left));
    left -= chunk.length;
  };
}
