import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { findServer } from '../../db/server/embedded.ts';
import { aCampaign, type World } from './world.ts';

/** A hash of every file of a world but those of its database server. */
function filesOf(folder: string, below = ''): readonly string[] {
  return readdirSync(path.join(folder, below)).flatMap((name) => {
    const relative = path.join(below, name);
    if (relative === path.join('.rereco', 'postgres')) return [];
    const full = path.join(folder, relative);
    if (statSync(full).isDirectory()) return [`${relative}/`, ...filesOf(folder, relative)];
    return [`${relative} ${createHash('sha256').update(readFileSync(full)).digest('hex')}`];
  });
}

/** Every row of every table, ours and the catalog's. */
async function rowsOf(world: World): Promise<readonly string[]> {
  const server = await findServer(world.at('.rereco'), AbortSignal.timeout(300_000));
  const client = new pg.Client({ ...server });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables
       WHERE schemaname LIKE 'rereco%' ORDER BY 1`,
    );
    const dump: string[] = [];
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ line: string }>(
        `SELECT t::text AS line FROM ${name} t ORDER BY 1`,
      );
      dump.push(name, ...rows.map((row) => row.line));
    }
    return dump;
  } finally {
    await client.end();
  }
}

interface Passes {
  readonly passes: readonly {
    readonly phase: string;
    readonly steps: readonly { readonly kind: string; readonly names: readonly string[] }[];
    readonly moves: readonly { readonly from: string; readonly to: string }[];
  }[];
}

const stepsOf = ({ passes }: Passes) =>
  passes
    .flatMap(({ phase, steps }) => steps.map(({ kind, names }) => `${phase} ${kind} ${names.join(' ')}`))
    .sort();

describe('a dry run', function () {
  this.timeout(600_000);
  let world: World;
  beforeEach(async () => {
    world = await aCampaign(4);
  });
  afterEach(() => world.close());

  it('plans from an empty memory where there is no database, and makes nothing', async () => {
    await rm(world.at('.rereco'), { recursive: true, force: true });
    const before = filesOf(world.folder);
    const ran = await world.rereco('reconcile', '--dry-run');
    assert.equal(ran.code, 3, ran.out + ran.err);
    assert.match(ran.out, /transfer +4 files/);
    assert.deepEqual(filesOf(world.folder), before);
  });

  it('changes no row and no file in the middle of a campaign', async () => {
    await world.rereco('reconcile', '--phase', 'transfer,verify', '--until', 'settled');
    const before = { files: filesOf(world.folder), rows: await rowsOf(world) };
    const ran = await world.rereco('reconcile', '--dry-run');
    assert.match(ran.out, /submit +4 files, in 4 jobs/);
    assert.deepEqual({ files: filesOf(world.folder), rows: await rowsOf(world) }, before);
  });

  it('prints the steps that are then taken', async () => {
    // Both moments have nothing in motion: what runs outside would change between the two.
    for (const kind of ['transfer', 'submit']) {
      const planned = (await world.json('reconcile', '--dry-run')) as Passes;
      const taken = (await world.json('reconcile')) as Passes;
      assert.deepEqual(stepsOf(taken), stepsOf(planned));
      assert.ok(stepsOf(taken).some((step) => step.includes(` ${kind} `)));
      if (kind === 'transfer') {
        await world.rereco('reconcile', '--phase', 'transfer,verify', '--until', 'settled');
      }
    }
  });
});
