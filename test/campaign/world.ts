/** A campaign's surroundings in a folder of its own, and the built program run in it. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { findServer, removeServer } from '../../db/server/embedded.ts';
import { adler32 } from '../../reconcilers/drivers/store/adler32.ts';
import { endProcessesOf } from '../end-processes.ts';
import { anOwnDatabase, type OwnDatabase } from './shared-server.ts';

/** The built program. */
export const PROGRAM = fileURLToPath(new URL('../../bin/rereco.mjs', import.meta.url));

export interface Ran {
  /** 1 also where a signal ended it. */
  readonly code: number;
  /** The signal that ended it; null where it ended by itself. */
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** The program while it runs. */
export interface Running {
  readonly pid: number;
  /** What it has printed until now. */
  printed(): { readonly out: string; readonly err: string };
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ran>;
}

export interface World {
  readonly folder: string;
  /** The database on the shared server; undefined where the world has a server of its own. */
  readonly connection: pg.ClientConfig | undefined;
  at(...names: string[]): string;
  write(name: string, text: string | Buffer, mode?: number): Promise<void>;
  read(name: string): Promise<string>;
  rereco(...args: string[]): Promise<Ran>;
  start(...args: string[]): Running;
  /** The program behind another command, as `unshare` with its options. */
  startBehind(prefix: readonly string[], ...args: string[]): Running;
  json(...args: string[]): Promise<unknown>;
  /** What the database answers; our tables need no schema before their names. */
  rows<R extends pg.QueryResultRow>(sql: string): Promise<readonly R[]>;
  close(): Promise<void>;
}

/**
 * A new empty folder with the program at hand; `close` removes everything.
 *
 * @param server  `own`: the embedded server of the folder's own state, which `close` stops;
 *   `shared`: a database of the server that worlds share, at hand in a moment
 */
export async function aWorld(server: 'own' | 'shared' = 'own'): Promise<World> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rereco-campaign-'));
  const at = (...names: string[]) => path.join(folder, ...names);
  const shared = server === 'shared' ? await anOwnDatabase() : undefined;
  const startBehind = (prefix: readonly string[], ...args: string[]) =>
    startProgram(folder, shared, [...prefix, process.execPath, PROGRAM, ...args]);
  const start = (...args: string[]) => startBehind([], ...args);
  const rereco = (...args: string[]) => start(...args).ended;
  return {
    folder,
    connection: shared?.connection,
    at,
    start,
    startBehind,
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
    async rows(sql) {
      const connection =
        shared?.connection ?? (await findServer(at('.rereco'), AbortSignal.timeout(300_000)));
      return rowsOf({ ...connection }, sql);
    },
    async close() {
      if (shared === undefined) await removeServer(at('.rereco'), AbortSignal.timeout(300_000));
      else await shared.drop();
      await endProcessesOf(folder);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function startProgram(
  folder: string,
  database: OwnDatabase | undefined,
  [command = '', ...args]: readonly string[],
): Running {
  const { DATABASE_URL: _, ...rest } = process.env;
  const env = { ...rest, RERECO_STATE: path.join(folder, '.rereco') };
  const child = spawn(command, args, {
    cwd: folder,
    env: database === undefined ? env : { ...env, DATABASE_URL: database.url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    printed.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    printed.err += text;
  });
  return {
    pid: child.pid ?? 0,
    printed: () => ({ ...printed }),
    kill: (signal) => void child.kill(signal),
    ended: new Promise((resolve) => {
      child.on('close', (code, signal) => resolve({ code: code ?? 1, signal, ...printed }));
    }),
  };
}

async function rowsOf<R extends pg.QueryResultRow>(
  connection: pg.ClientConfig,
  sql: string,
): Promise<readonly R[]> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    await client.query('SET search_path TO rereco');
    return (await client.query<R>(sql)).rows;
  } finally {
    await client.end();
  }
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

/** The roots of the stores of `SITE`: rereco makes none. */
export async function makeRoots(world: World): Promise<void> {
  for (const root of ['hpss', 'tmb', 'fnal', 'far']) await mkdir(world.at(root), { recursive: true });
}

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
export async function aCampaign(
  count: number,
  events = 10,
  server: 'own' | 'shared' = 'own',
): Promise<World> {
  const world = await aWorld(server);
  const { files, manifest } = rawFiles(count, events);
  await world.write('raw.ndjson', manifest);
  await makeRoots(world);
  for (const file of files) await world.write(`fnal/${file.name}`, file.text);
  await world.write('campaign.yaml', `${SITE}---\n${DATASET}`);
  await world.write('reco.sh', RECO, 0o755);
  return world;
}
