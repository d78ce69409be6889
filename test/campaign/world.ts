/** A campaign's surroundings in a folder of its own, and the built program run in it. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { removeServer } from '../../db/server/embedded.ts';
import { adler32 } from '../../reconcilers/drivers/store/adler32.ts';

/** The built program. */
export const PROGRAM = fileURLToPath(new URL('../../bin/rereco.mjs', import.meta.url));

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface World {
  readonly folder: string;
  at(...names: string[]): string;
  write(name: string, text: string, mode?: number): Promise<void>;
  read(name: string): Promise<string>;
  rereco(...args: string[]): Promise<Ran>;
  json(...args: string[]): Promise<unknown>;
  close(): Promise<void>;
}

/** A new empty folder with the program at hand; `close` stops its server and removes everything. */
export async function aWorld(): Promise<World> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rereco-campaign-'));
  const at = (...names: string[]) => path.join(folder, ...names);
  const rereco = (...args: string[]) => run(folder, args);
  return {
    folder,
    at,
    rereco,
    async write(name, text, mode = 0o644) {
      await mkdir(path.dirname(at(name)), { recursive: true });
      await writeFile(at(name), text, { mode });
    },
    read: (name) => readFile(at(name), 'utf8'),
    async json(...args) {
      const { out, err } = await rereco(...args, '-o', 'json');
      if (out === '') throw new Error(`no answer from rereco ${args.join(' ')}: ${err}`);
      return JSON.parse(out);
    },
    async close() {
      await removeServer(at('.rereco'), AbortSignal.timeout(30_000));
      await endProcessesOf(folder);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Jobs and transfers outlive the program, on purpose; they must not write while their world is removed. */
async function endProcessesOf(folder: string): Promise<void> {
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

function run(folder: string, args: readonly string[]): Promise<Ran> {
  const { DATABASE_URL: _, ...env } = process.env;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [PROGRAM, ...args],
      { cwd: folder, env: { ...env, RERECO_STATE: path.join(folder, '.rereco') }, maxBuffer: 1e8 },
      (error, out, err) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, out, err }),
    );
  });
}

/** Raw files of so many events each, with the manifest that a catalog has of them. */
export function rawFiles(count: number, events: number) {
  const files = Array.from({ length: count }, (_, index) => {
    const name = `all_0000${176852 + (index % 2)}_${String(index + 1).padStart(3, '0')}.raw`;
    const text = Array.from({ length: events }, (_, event) => `EVENT ${index} ${event} ${event * 17}\n`).join(
      '',
    );
    return { name, text, run: 176852 + (index % 2), events };
  });
  const manifest = files.map(({ name, text, run, events: count }) => {
    const bytes = Buffer.from(text);
    const sum = adler32(1, bytes).toString(16).padStart(8, '0');
    return JSON.stringify({
      file_name: name,
      file_size: bytes.length,
      event_count: count,
      checksum: [`adler32:${sum}`],
      data_tier: 'raw',
      run,
    });
  });
  return { files, manifest: `${manifest.join('\n')}\n` };
}

/** The DZero shape on embedded drivers: a far end, a mass store, a disk, a catalog. */
export const SITE = `apiVersion: rereco/v1
kind: Site
metadata: {name: lyon}
spec:
  spool: {path: spool}
  stores:
    hpss: {driver: posix, root: hpss}
    tmb: {driver: posix, root: tmb}
    fnal: {driver: posix, root: fnal}
    far: {driver: posix, root: far}
  movers:
    - {from: fnal, to: hpss, driver: copy}
    - {from: tmb, to: far, driver: copy}
  batch: {driver: local, options: {}}
  catalog:
    driver: embedded
    manifests: [raw.ndjson]
    definitions: {raw-all: "data_tier raw"}
`;

export const DATASET = `apiVersion: rereco/v1
kind: Dataset
metadata: {name: p17}
spec:
  site: lyon
  requestId: 4711
  input: {definition: raw-all, store: hpss, path: "raw/{run}"}
  job:
    type: d0reco
    application: {family: reconstruction, name: d0reco, version: p17.03.03}
    command: ./reco.sh {input} {output.dst} {output.tmb}
  outputs:
    dst: {dataTier: reconstructed, name: "reco_{stem}_{version}", store: hpss, path: "dst/{run}", declare: fileDone}
    tmb: {dataTier: thumbnail, name: "recoT_{stem}_{version}", store: tmb, export: {to: far, when: datasetDone, with: [metadata], thenDelete: true}}
  archive: {store: hpss, path: "logs/{requestId}", jobsPerTar: 200}
  retry:
    transfer: {attempts: 5, first: 1s, longest: 2s}
    verify: {attempts: 5, first: 1s, longest: 2s}
    process: {attempts: 5, first: 1s, longest: 2s}
    publish: {attempts: 5, first: 1s, longest: 2s}
    export: {attempts: 5, first: 1s, longest: 2s}
`;

/** A reconstruction in sh: every event goes into both outputs, and is counted. */
export const RECO = `#!/bin/sh
set -e
sed 's/^EVENT/DST/' "$1" > "$2"
sed -n 's/^EVENT \\([0-9]*\\) \\([0-9]*\\) .*/TMB \\1 \\2/p' "$1" > "$3"
{
  echo "read $(grep -c '^EVENT' "$1")"
  echo "written dst $(grep -c '^DST' "$2")"
  echo "written tmb $(grep -c '^TMB' "$3")"
} >> "$RERECO_EVENTS"
`;

/** A world with the DZero shape and so many raw files at the far end. */
export async function aCampaign(count: number, events = 10): Promise<World> {
  const world = await aWorld();
  const { files, manifest } = rawFiles(count, events);
  await world.write('raw.ndjson', manifest);
  for (const file of files) await world.write(`fnal/${file.name}`, file.text);
  await world.write('campaign.yaml', `${SITE}---\n${DATASET}`);
  await world.write('reco.sh', RECO, 0o755);
  return world;
}
