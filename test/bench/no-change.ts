/**
 * The no-change pass: 100,000 tiny files that are done, looked at once more.
 *
 * Prints the time and peak memory of one `rereco reconcile` in which nothing
 * changed, the rows it wrote, and, from the same run, the time of listing the
 * same folders with `find`: the ratio to quote.
 *
 *   npm run bench [files]
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { findServer } from '../../db/server/embedded.ts';
import { aWorld, type World } from '../campaign/world.ts';

const PROGRAM = path.resolve(import.meta.dirname, '../../bin/rereco.mjs');
const FOLDERS = 100;

const SPEC = `apiVersion: rereco/v1
kind: Dataset
metadata: {name: many}
spec:
  input: {settleFor: 0s, files: "raw/*/*.raw", eventCount: {pattern: "^EVENT"}}
  job: {command: "cp {input} {output.dst}", eventsRead: {pattern: "^EVENT"}}
  outputs:
    dst: {name: "{stem}.dst", path: dst, eventsWritten: {pattern: "^EVENT"}}
`;

/** Rows as a finished campaign would have left them, and the files they speak of. */
async function finishedCampaign(world: World, files: number): Promise<void> {
  await world.write('many.yaml', SPEC);
  mkdirSync(world.at('dst'), { recursive: true });
  for (let folder = 0; folder < FOLDERS; folder += 1)
    mkdirSync(world.at('raw', String(folder)), { recursive: true });
  for (let index = 0; index < files; index += 1) {
    writeFileSync(world.at('raw', String(index % FOLDERS), `${index}.raw`), 'EVENT\n');
    writeFileSync(world.at('dst', `${index}.dst`), 'EVENT\n');
  }
  await world.rereco('reconcile', '--phase', 'archive');
  await withDatabase(world, async (client) => {
    await client.query(`SET search_path TO rereco`);
    await client.query(`UPDATE input_states s SET state = 'done', copy_path = d.source_path,
      revision = g.revision FROM file_details d, generations g WHERE d.id = s.file_id AND g.dataset_id = d.dataset_id`);
    await client.query(`WITH d AS (INSERT INTO file_details (dataset_id, kind, name, data_tier, size_bytes, event_count,
        parent_id, output_key, revision, store, path, attempt_path, metadata, created_ms)
      SELECT i.dataset_id, 'output', replace(i.name, '.raw', '.dst'), 'dst', 6, 1, i.id, 'dst', g.revision, 'disk',
        'dst/' || replace(i.name, '.raw', '.dst'), 'none', '{}', 0
      FROM file_details i JOIN generations g ON g.dataset_id = i.dataset_id RETURNING *),
      a AS (INSERT INTO accepted_outputs SELECT parent_id, revision, output_key, id FROM d)
      INSERT INTO output_states (file_id, dataset_id, output_key, state, since_ms, machine_version)
      SELECT id, dataset_id, 'dst', 'promoted', 0, 1 FROM d`);
    await client.query('VACUUM ANALYZE');
  });
}

async function withDatabase<T>(world: World, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const server = await findServer(world.at('.rereco'), AbortSignal.timeout(300_000));
  const client = new pg.Client({ ...server });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Rows written so far to the tables a no-change pass must leave alone. */
function rowsWritten(world: World): Promise<number> {
  return withDatabase(world, async (client) => {
    await client.query('SELECT pg_stat_force_next_flush()');
    const { rows } = await client.query(`SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::int AS rows
      FROM pg_stat_user_tables WHERE relname IN ('file_details', 'input_states', 'output_states', 'submissions',
        'submission_jobs', 'attempts', 'live_attempts', 'transitions', 'accepted_outputs')`);
    return rows[0].rows;
  });
}

/** Run the program, sampling its peak memory. */
function measured(world: World): Promise<{ seconds: number; peakMB: number; out: string }> {
  const began = performance.now();
  const child = spawn(process.execPath, [PROGRAM, 'reconcile'], {
    cwd: world.folder,
    env: { ...process.env, RERECO_STATE: world.at('.rereco') },
  });
  let out = '';
  let peakKB = 0;
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    out += chunk;
  });
  const sample = setInterval(() => {
    try {
      const high = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
      peakKB = Math.max(peakKB, Number(high ?? 0));
    } catch {
      // It has just ended.
    }
  }, 20);
  return new Promise((resolve) => {
    child.on('close', () => {
      clearInterval(sample);
      resolve({ seconds: (performance.now() - began) / 1000, peakMB: peakKB / 1000, out });
    });
  });
}

const files = Number(process.argv[2] ?? 100_000);
const world = await aWorld();
try {
  await finishedCampaign(world, files);
  const before = await rowsWritten(world);
  const pass = await measured(world);
  const after = await rowsWritten(world);
  const began = performance.now();
  execFileSync(
    'find',
    [world.at('raw'), world.at('dst'), '-type', 'f', '-size', '+0', '-newermt', '1970-01-01'],
    {
      maxBuffer: 1e9,
    },
  );
  const findSeconds = (performance.now() - began) / 1000;
  console.log(pass.out.trim());
  console.log(`files ${files}, outputs ${files}`);
  console.log(
    `no-change pass ${pass.seconds.toFixed(2)} s, peak ${pass.peakMB.toFixed(0)} MB, rows written ${after - before}`,
  );
  console.log(
    `find over the same files ${findSeconds.toFixed(2)} s, ratio ${(pass.seconds / findSeconds).toFixed(1)}`,
  );
} finally {
  await world.close();
}
