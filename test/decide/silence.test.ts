/** A job of which no system says anything: told once, ended by a person's word or by an answer. */
import assert from 'node:assert/strict';
import { readInput } from '../../db/queries/why.ts';
import { type SettleOrder, settleJob } from '../../reconcilers/act/settle.ts';
import { reconcile } from '../../reconcilers/reconcile.ts';
import { aPlay, type Play, ROOMY, stageOfSuite } from './play.ts';
import { perform } from './scenes.ts';

const HOUR = 3_600_000;

describe('a job about which no answer comes', function () {
  this.timeout(600_000);
  const stage = stageOfSuite();
  let play: Play;
  beforeEach(async () => {
    play = await aPlay(stage(), { ...ROOMY, files: 1 });
    await pass('transfer');
  });
  afterEach(() => play.close());

  async function pass(phase: 'transfer' | 'verify' | 'process'): Promise<void> {
    const dataset = await play.dataset();
    await reconcile({ dataset, phase, resync: false, dryRun: false }, play.around);
  }

  async function running(): Promise<void> {
    await perform(play, { is: 'moves end', how: 'well' });
    for (const phase of ['transfer', 'verify', 'process'] as const) await pass(phase);
    await perform(play, { is: 'jobs start' });
    await pass('process');
  }

  /** Passes at these hours after now, the batch system and the movers being down. */
  async function silentFor(hours: number, phase: 'transfer' | 'process'): Promise<void> {
    play.batch.goDown();
    for (const mover of play.movers) mover.goDown();
    for (let hour = 0; hour <= hours; hour += hours) {
      await pass(phase);
      play.clock.now += hours * HOUR;
    }
    play.clock.now -= hours * HOUR;
  }

  async function rows(sql: string): Promise<readonly Record<string, unknown>[]> {
    const { id } = await play.dataset();
    return (await stage().database.knex.raw(sql, [id])).rows;
  }
  const problems = async () =>
    (
      await rows(
        "SELECT message FROM problems WHERE dataset_id = ? AND kind = 'silent' AND cleared_ms IS NULL",
      )
    ).map(({ message }) => String(message));
  const file = async () =>
    (await rows('SELECT file_id AS id, state, class FROM input_states WHERE dataset_id = ?'))[0] ?? {};

  async function settle(how: 'lost' | 'done', phase: 'transfer' | 'process') {
    const dataset = await play.dataset();
    const [{ name } = {}] = await rows(
      `SELECT name FROM submissions WHERE dataset_id = ? AND phase = '${phase}' ORDER BY id DESC LIMIT 1`,
    );
    const input = await readInput(stage().database.knex, Number((await file()).id));
    assert.ok(input);
    const order: SettleOrder = {
      dataset,
      phase,
      submission: String(name),
      endpoint: phase === 'transfer' ? 'fnal>disk' : null,
      index: null,
      inputs: [input],
      outputs: [],
      how,
      word: `settled as ${how} by me: I saw it`,
    };
    return settleJob(order, play.around);
  }

  it('is told once the patience of the site is over, by name and with the command that ends it', async () => {
    await running();
    await silentFor(23, 'process');
    assert.deepEqual(await problems(), []);
    play.clock.now += HOUR;
    await pass('process');
    const [message = '', ...others] = await problems();
    assert.match(
      message,
      /^nothing is known of r\d+-\w+-\d+ since 1970-01-12 .*rereco settle r\d+-\w+-\d+ lost\|done/,
    );
    assert.deepEqual(others, []);
    assert.equal((await file()).state, 'running');
    assert.equal((await play.around.records.totals(await play.dataset())).silent.jobs, 1);
  });

  it('costs no row while the silence lasts', async () => {
    await running();
    await silentFor(25, 'process');
    const before = await play.rows();
    play.clock.now += HOUR;
    await pass('process');
    const health = (line: string) => line.startsWith('systems ') || line.startsWith('leases ');
    assert.deepEqual(
      (await play.rows()).filter((line) => !before.includes(line) && !health(line)),
      [],
    );
  });

  it('is no problem any more when it is answered about', async () => {
    await running();
    await silentFor(25, 'process');
    assert.equal((await problems()).length, 1);
    play.batch.recover();
    await pass('process');
    assert.deepEqual([await problems(), (await file()).state], [[], 'running']);
  });

  it('is told of once while its system says that it is stuck, and not after', async () => {
    await running();
    const [{ name } = {}] = await rows(
      "SELECT name FROM submissions WHERE dataset_id = ? AND phase = 'process'",
    );
    const stuck = () =>
      rows(
        "SELECT cleared_ms FROM problems WHERE dataset_id = ? AND kind = 'job stuck' AND cleared_ms IS NULL",
      );
    play.batch.stick(String(name), 'held by the operator');
    await pass('process');
    assert.equal((await stuck()).length, 1);
    const before = await play.rows();
    await pass('process');
    assert.deepEqual(
      (await play.rows()).filter((line) => !before.includes(line) && !line.startsWith('systems ')),
      [],
    );
    await perform(play, { is: 'jobs start' });
    await pass('process');
    assert.deepEqual([await stuck(), (await file()).state], [[], 'running']);
  });

  it('cannot be settled while it is answered about', async () => {
    await running();
    const result = await settle('lost', 'process');
    assert.ok('is' in result && result.is === 'answered');
    assert.match(result.answer, /running/);
    assert.equal((await file()).state, 'running');
  });

  it('is tried again under a new number when a person calls it lost', async () => {
    await running();
    await silentFor(25, 'process');
    assert.deepEqual(await settle('lost', 'process'), { is: 'settled', files: 1 });
    assert.deepEqual([(await file()).state, (await file()).class, await problems()], ['error', 'site', []]);
    const [attempt] = await rows(
      "SELECT state, reason FROM attempts WHERE dataset_id = ? AND phase = 'process' ORDER BY id DESC",
    );
    assert.deepEqual(attempt, { state: 'lost', reason: 'settled as lost by me: I saw it' });
    play.batch.recover();
    play.clock.now += HOUR;
    await pass('process');
    assert.equal(play.batch.created.length, 2);
  });

  it('is judged by what it left when a person calls it done', async () => {
    await running();
    await perform(play, { is: 'jobs end', how: 'well' });
    await silentFor(25, 'process');
    assert.deepEqual(await settle('done', 'process'), { is: 'settled', files: 1 });
    await pass('process');
    assert.deepEqual([(await file()).state, await problems()], ['done', []]);
    const signed = await rows(
      "SELECT because FROM transitions WHERE dataset_id = ? AND fact = 'operator.settled'",
    );
    assert.deepEqual(signed, [{ because: 'settled as done by me: I saw it' }]);
  });

  it('has failed when a person calls it done and it left no report', async () => {
    await running();
    await silentFor(25, 'process');
    assert.deepEqual(await settle('done', 'process'), { is: 'settled', files: 1 });
    const [attempt] = await rows(
      "SELECT state, reason FROM attempts WHERE dataset_id = ? AND phase = 'process' ORDER BY id DESC",
    );
    assert.equal(attempt?.state, 'failed');
    assert.match(String(attempt?.reason), /left no report/);
  });

  it('is not judged while a store does not answer', async () => {
    await running();
    await perform(play, { is: 'jobs end', how: 'well' });
    await silentFor(25, 'process');
    play.stores.disk.goDown();
    const result = await settle('done', 'process');
    assert.deepEqual('is' in result && result.is, 'unjudged');
    assert.equal((await file()).state, 'running');
  });

  it('may be a transfer, which arrived or did not', async () => {
    await perform(play, { is: 'moves end', how: 'well' });
    await silentFor(25, 'transfer');
    assert.equal((await problems()).length, 1);
    assert.deepEqual(await settle('done', 'transfer'), { is: 'settled', files: 1 });
    assert.deepEqual([(await file()).state, await problems()], ['transferred', []]);
  });

  it('may be a transfer that is lost', async () => {
    await silentFor(25, 'transfer');
    assert.deepEqual(await settle('lost', 'transfer'), { is: 'settled', files: 1 });
    assert.deepEqual([(await file()).state, (await file()).class, await problems()], ['error', 'site', []]);
    for (const mover of play.movers) mover.comeBack();
    play.clock.now += HOUR;
    await pass('transfer');
    assert.equal(play.movers[0].orders.size, 2);
  });

  it('is over after it was settled', async () => {
    await running();
    await silentFor(25, 'process');
    await settle('lost', 'process');
    assert.deepEqual(await settle('lost', 'process'), { is: 'over' });
  });
});
