import type { Knex } from 'knex';
import { findSubmission, type LoggedSubmission, liveFilesOf } from '../../db/queries/logs.ts';
import { readInput, readOutput } from '../../db/queries/why.ts';
import { PHASES } from '../../machines/model.ts';
import { type SettleOrder, type SettleResult, settleJob } from '../../reconcilers/act/settle.ts';
import type { Settlement } from '../../reconcilers/decide/facts/settle.ts';
import { counted } from '../../reconcilers/model/counted.ts';
import { type Command, print } from '../command.ts';
import { EXIT, UserError } from '../failure.ts';
import { datasetsNamed, recordsOf } from '../named.ts';
import { openSession, type Session } from '../session.ts';
import { whoAmI } from '../who.ts';

/** Ends a job or transfer of which no system says anything any more, on a person's signed word. */
export const settleCommand: Command = {
  usage: 'settle <job> <how>',
  summary: 'say what became of a job that no system answers about',
  examples: [
    ['rereco settle r1-abc-12 lost --because "node 7 burnt"', 'it never ended: its files are tried again'],
    [
      'rereco settle r1-abc-12 done --because "its container was stopped"',
      'it is over; what it left is judged as ever',
    ],
    ['rereco settle r1-abc-12:3 lost --because "…"', 'the fourth job of a submission'],
  ],
  options: (argv) =>
    argv
      .positional('job', {
        type: 'string',
        demandOption: true,
        describe: 'a job or transfer: NAME or NAME:INDEX',
      })
      .positional('how', {
        choices: ['lost', 'done'] as const,
        demandOption: true,
        describe: 'what became of it',
      })
      .option('because', { type: 'string', demandOption: true, describe: 'how you know; kept in history' }),

  async run(argv, signal) {
    const because = String(argv.because).trim();
    if (because === '') throw new UserError('say how you know: --because "…"');
    const session = await openSession({ mode: 'repair', sites: [], signal, command: 'settle' });
    try {
      const how = argv.how === 'done' ? 'done' : 'lost';
      const { order, name } = await orderOf(session, String(argv.job), how, because);
      const { ports, traits } = session.siteOf(order.dataset.loaded.site);
      const result = await settleJob(order, { records: session.records, ports, traits, signal });
      return 'takenBy' in result ? taken(result.takenBy) : tell(name, how, result);
    } finally {
      await session.close();
    }
  },
};

async function orderOf(session: Session, job: string, how: Settlement, because: string) {
  const knex = recordsOf(session);
  const [, name = job, index] = /^(.+?)(?::(\d+))?$/.exec(job) ?? [];
  const submission = await findSubmission(knex, name);
  if (submission === undefined)
    throw new UserError(`there is no job ${name}; \`rereco get jobs\` lists them`);
  checkIndex(submission, index);
  const [dataset] = await datasetsNamed(session, [submission.dataset]);
  const phase = PHASES.find((one) => one === submission.phase);
  if (dataset === undefined || phase === undefined)
    throw new Error(`${name} is of no dataset; please report`);
  const order: SettleOrder = {
    dataset,
    phase,
    submission: name,
    endpoint: submission.endpoint,
    index: index === undefined ? null : Number(index),
    ...(await filesOf(knex, submission, phase === 'export')),
    how,
    word: `settled as ${how} by ${whoAmI()}: ${because}`,
  };
  return { order, name: job };
}

function checkIndex({ name, jobs }: LoggedSubmission, index: string | undefined): void {
  if (index === undefined || Number(index) < Math.max(1, jobs)) return;
  throw new UserError(`${name} has ${jobs === 1 ? 'one job: 0' : `${jobs} jobs: 0 to ${jobs - 1}`}`);
}

async function filesOf(knex: Knex, { id }: LoggedSubmission, areOutputs: boolean) {
  const ids = await liveFilesOf(knex, id);
  if (areOutputs) {
    const outputs = await Promise.all(ids.map((file) => readOutput(knex, file)));
    return { inputs: [], outputs: outputs.flatMap((row) => row ?? []) };
  }
  const inputs = await Promise.all(ids.map((file) => readInput(knex, file)));
  return { inputs: inputs.flatMap((row) => row ?? []), outputs: [] };
}

function taken(by: string): number {
  process.stderr.write(`its dataset is in the hands of ${by}; try again in a moment\n`);
  return EXIT.workRemains;
}

function tell(name: string, how: Settlement, result: SettleResult): number {
  switch (result.is) {
    case 'over':
      throw new UserError(`${name} is not in motion any more; \`rereco logs ${name}\` shows what it left`);
    case 'let go':
      print(`${name} is over on record; what it held is let go`);
      return EXIT.settled;
    case 'answered':
      throw new UserError(`${name} is answered about, so there is nothing to settle: ${result.answer}`);
    case 'unjudged':
      process.stderr.write(`${name} is not settled: ${result.why}; try again when that answers\n`);
      return EXIT.failure;
    case 'settled': {
      const next = how === 'lost' ? 'to be tried again' : 'judged by what it left';
      print(
        `${name} is settled as ${how}: ${counted(result.files, 'file')} ${next} at the next \`rereco reconcile\``,
      );
      return EXIT.settled;
    }
  }
}
