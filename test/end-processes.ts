import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Jobs and transfers outlive the program, on purpose; they must not write while their world is removed. */
export async function endProcessesOf(folder: string): Promise<void> {
  for (let alive = processesOf(folder); alive.length > 0; alive = processesOf(folder)) {
    for (const pid of alive) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
    await sleep(20);
  }
}

/** Processes whose command line or working folder names a folder; zombies have neither. */
function processesOf(folder: string): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const names = (pid: string) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return words.includes(folder) || readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
    } catch {
      return false;
    }
  };
  return pids.filter(names).map(Number);
}
