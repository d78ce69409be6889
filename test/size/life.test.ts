/**
 * What is never to come back: work that grows with the square of the files.
 *
 * The same campaign is played with few files and with ten times as many, every state and some
 * trouble in both. It must come out as it should, and no measure of the work may grow for a file.
 */
import assert from 'node:assert/strict';
import { readLedger } from '../../db/queries/ledger.ts';
import { EVENTS } from '../decide/play.ts';
import { type TestDatabase, testDatabase } from '../postgres.ts';
import { FILES_PER_JOB, playLife, TROUBLED } from './life.ts';
import { measured, type Work } from './work.ts';

const FEW = 500;
const MANY = 5_000;
const FAILED = MANY / TROUBLED;

/** A square would be 10. Rows and blocks are counted; CPU time is not the same twice on a busy machine. */
const MOST = { statements: 1.1, rows: 1.5, blocks: 1.5, serverMs: 3, ourMs: 3 } as const;

/** What a life came to, counted in its tables and stores. */
async function outcomeOf(stage: Parameters<typeof playLife>[0], files: number) {
  const { play } = await playLife(stage, files);
  const { id } = await play.dataset();
  const count = async (what: string) => {
    const { rows } = await stage.database.knex.raw(`SELECT count(*) AS n FROM ${what}`);
    return rows[0].n;
  };
  const by = async (table: string, columns: string) => {
    const { rows } = await stage.database.knex.raw(
      `SELECT ${columns}, count(*) AS n FROM ${table} GROUP BY ${columns} ORDER BY ${columns}`,
    );
    return rows.map((row: Record<string, unknown>) => Object.values(row).join(' '));
  };
  const { balanced, read, difference } = await readLedger(stage.database.knex, id);
  const found = {
    inputs: await by('input_states', 'state'),
    outputs: await by('output_states', 'output_key, state'),
    accepted: await count('accepted_outputs'),
    live: await count('live_attempts'),
    attempts: await by('attempts', 'phase, state'),
    jobs: await by('submission_jobs', 'type, status'),
    unarchived: await count('submissions WHERE archive_id IS NULL OR swept_ms IS NULL'),
    stored: (await count("archives WHERE state = 'stored'")) > 0,
    problems: await count('problems WHERE cleared_ms IS NULL'),
    moves: await by(
      "transitions WHERE file_id IS NOT NULL AND from_state <> 'error'",
      'from_state, to_state',
    ),
    ledger: { balanced, read, difference },
  };
  await play.close();
  return found;
}

describe('a campaign of ten times as many files', function () {
  this.timeout(900_000);
  let server: TestDatabase;
  let many: Awaited<ReturnType<typeof outcomeOf>>;
  const works: Work[] = [];
  before(async () => {
    server = await testDatabase();
    // Compiled and warm: what is done only once is no file's.
    await measured(server, (stage) => outcomeOf(stage, FEW / 10));
    for (const files of [FEW, MANY]) {
      const { result, work } = await measured(server, (stage) => outcomeOf(stage, files));
      works.push(work);
      many = result;
    }
  });
  after(() => server.close());

  it('comes to its goal with every file, through every state', () => {
    const { ledger: _, ...outcome } = many;
    assert.deepEqual(outcome, {
      inputs: [`copied ${MANY}`],
      outputs: [`dst located ${MANY}`, `tmb deleted ${MANY}`],
      accepted: 2 * MANY,
      live: 0,
      attempts: [
        `export accepted ${MANY}`,
        `process accepted ${MANY}`,
        `process failed ${FAILED}`,
        `transfer accepted ${MANY}`,
        `transfer failed ${FAILED}`,
      ],
      jobs: [
        `d0reco done ${MANY / FILES_PER_JOB}`,
        `d0reco error ${FAILED / FILES_PER_JOB}`,
        `memory done ${2 * MANY + FAILED}`,
      ],
      unarchived: 0,
      stored: true,
      problems: 0,
      moves: [
        `accepted promoted ${2 * MANY}`,
        `copied deleted ${MANY}`,
        `declared located ${MANY}`,
        `done copied ${MANY}`,
        `pending transferred ${MANY + FAILED}`,
        `produced accepted ${2 * MANY}`,
        `promoted copied ${MANY}`,
        `promoted declared ${MANY}`,
        `running done ${MANY}`,
        `running error ${FAILED}`,
        `transferred error ${FAILED}`,
        `transferred verified ${MANY}`,
        `verified running ${MANY + FAILED}`,
      ],
    });
  });

  it('balances its ledger', () => {
    assert.deepEqual(many.ledger, {
      balanced: true,
      read: { files: MANY, events: MANY * EVENTS },
      difference: 0,
    });
  });

  for (const measure of ['statements', 'rows', 'blocks', 'serverMs', 'ourMs'] as const) {
    it(`takes no more ${measure} for a file`, function () {
      const [few, most] = works.map((work) => work[measure]);
      if (few === undefined || most === undefined) throw new Error('nothing was measured');
      // The server is on another machine.
      if (few === null || most === null) return this.skip();
      const growth = most / MANY / (few / FEW);
      assert.ok(
        growth <= MOST[measure],
        `${growth.toFixed(2)} times as much: ${few} for ${FEW}, ${most} for ${MANY}`,
      );
    });
  }
});
