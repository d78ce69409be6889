import { readArriving } from '../../db/queries/arriving.ts';
import { type ErrorGroup, readErrors, readWaivedCounts } from '../../db/queries/errors.ts';
import { readSilentSystems, type SilentSystem } from '../../db/queries/obstacles.ts';
import { stillWritten } from '../../reconcilers/decide/members/arrivals.ts';
import { counted } from '../../reconcilers/model/counted.ts';
import { type Command, dataPrinter, print, tellLeftOut, texts, withOutput } from '../command.ts';
import { EXIT } from '../failure.ts';
import { datasetsNamed } from '../named.ts';
import { silentLine, untold } from '../print/obstacles.ts';
import { shown } from '../print/shown.ts';
import { localTime } from '../print/time.ts';
import { wrapped } from '../print/wrap.ts';
import { openSession } from '../session.ts';

/** Groups what is in error, and says of each group whether it is tried again by itself. */
export const errorsCommand: Command = {
  usage: 'errors [datasets..]',
  summary: 'what is in error, alike failures together',
  examples: [
    ['rereco errors', 'of all datasets, the largest group first'],
    ['rereco errors p17 -o json', 'of one, for a program'],
  ],
  options: (argv) =>
    withOutput(argv)
      .positional('datasets', { describe: 'names', type: 'string', array: true })
      .option('limit', { type: 'number', default: 100, describe: 'at most so many groups' }),

  async run(argv, signal) {
    const session = await openSession({ mode: 'look', sites: [], signal, command: 'errors' });
    try {
      const datasets = await datasetsNamed(session, texts(argv.datasets));
      const ids = datasets.map((row) => row.id);
      const limit = Number(argv.limit);
      const found = session.database ? await readErrors(session.database.knex, ids, limit + 1) : [];
      const groups = found.slice(0, limit);
      const printData = dataPrinter(argv);
      const sites = datasets.map(({ loaded }) => loaded.site.name);
      const silent = session.database ? await readSilentSystems(session.database.knex, sites) : [];
      if (printData !== null) printData([...groups, ...silent.map(systemGroup)]);
      else {
        const now = await session.records.now();
        const told = untold(
          silent,
          groups.map(({ reason }) => reason),
        );
        const systems = told.map((one) => wrapped(`${silentLine(one, now)}; asked again by itself`, ''));
        const lines = [...groups.map(textOf), ...systems];
        print(lines.length === 0 ? 'no errors' : lines.join('\n\n'));
        const waived = session.database ? await readWaivedCounts(session.database.knex, ids) : [];
        for (const one of waived)
          print(
            `\n${one.dataset}: ${counted(one.files, 'file')} waived; see \`rereco ledger ${one.dataset}\``,
          );
        const arriving = session.database ? await readArriving(session.database.knex, ids) : [];
        for (const one of arriving) print(`\n${one.dataset}: ${stillWritten(one)}; no error yet`);
      }
      if (found.length > limit) tellLeftOut(`only the largest ${counted(limit, 'group')} of failures`);
      return EXIT.settled;
    } finally {
      await session.close();
    }
  },
};

/** A system that does not answer, for programs: a group like the others that no dataset has. */
function systemGroup({ site, name, message, sinceMs, seenMs }: SilentSystem) {
  return { dataset: null, of: 'system', site, signature: name, count: 1, sinceMs, seenMs, reason: message };
}

function textOf(group: ErrorGroup): string {
  const { dataset, of, phase, count } = group;
  const what = of === 'input' ? 'file' : of;
  const kind = [phase, group.class].filter((word) => word !== null).join(', ');
  const lines = [
    wrapped(
      `${dataset}: ${counted(count, what)} (${kind}; ${group.id}): ${group.signature ?? 'no reason on record'}`,
      '',
    ),
    wrapped(fate(group), '  '),
  ];
  const example = [group.example && shown(group.example), group.reason]
    .filter((part) => part !== null)
    .join(': ');
  if (example !== '') lines.push(wrapped(`e.g. ${example}`, '  '));
  return lines.join('\n');
}

/** Whether it goes away by itself. */
function fate({ of, count, retrying, nextRetryMs, sinceMs }: ErrorGroup): string {
  const since = sinceMs === null ? '' : `since ${localTime(sinceMs)}; `;
  if (of === 'problem') return `${since}open until its cause is gone: a person should look`;
  const next = nextRetryMs === null ? '' : `, the first at ${localTime(nextRetryMs)}`;
  const stopped = count - retrying;
  if (stopped === 0) return `${since}tried again by itself${next}`;
  const waits = stopped === 1 ? 'waits for a person' : 'wait for a person';
  return retrying === 0
    ? `${since}${waits}`
    : `${since}${retrying} tried again by itself${next}; ${stopped} ${waits}`;
}
