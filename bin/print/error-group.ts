/** A group of alike failures as people read it. */
import type { ErrorGroup } from '../../db/queries/errors.ts';
import { agreeing, counted } from '../../reconcilers/model/counted.ts';
import type { FailedLog } from '../failed-logs.ts';
import { logLines } from './failed-log.ts';
import { oneLine, shown } from './shown.ts';
import { localTime } from './time.ts';
import { wrapped } from './wrap.ts';

/** A group, and the log of its example; null: no job or transfer of it has failed. */
export interface LoggedGroup extends ErrorGroup {
  readonly log: FailedLog | null;
}

/** `groupText` tells what failed alike, whether it is tried again, and an example with its log. @param held  by dataset, the failures that hold it */
export function groupText(group: LoggedGroup, held: ReadonlyMap<string, string>): string {
  const { dataset, of, phase, count, signature } = group;
  const what = of === 'input' ? 'file' : of;
  const kind = [phase, group.class].filter((word) => word !== null).join(', ');
  const example = [group.example && shown(group.example), group.reason && oneLine(group.reason)].filter(
    (part) => part !== null,
  );
  return [
    wrapped(
      `${dataset}: ${counted(count, what)} (${kind}): ${oneLine(signature ?? 'no reason on record')}`,
      '',
    ),
    wrapped(`group ${group.id}; ${fateOf(group, held)}`, '  '),
    ...(example.length === 0 ? [] : [wrapped(`e.g. ${example.join(': ')}`, '  ')]),
    ...(group.log === null ? [] : logLines(group.log, '  ')),
  ].join('\n');
}

/** Whether it goes away by itself. */
function fateOf(group: ErrorGroup, held: ReadonlyMap<string, string>): string {
  const { of, dataset, phase, signature, sinceMs } = group;
  const since = sinceMs === null ? '' : `since ${localTime(sinceMs)}; `;
  if (of === 'problem') return `${since}open until its cause is gone: a person should look`;
  const isHeld =
    of === 'input' && phase === 'process' && signature !== null && held.get(dataset) === signature;
  return `${since}${isHeld ? HELD : partsOf(group).join('; ')}`;
}

const HELD = 'holds the dataset: not tried again until a person has put it right (`rereco clean`)';

function partsOf({ count, retrying, nextRetryMs, again }: ErrorGroup): readonly string[] {
  const next = nextRetryMs === null ? '' : `, the first at ${localTime(nextRetryMs)}`;
  const stopped = count - retrying - again;
  return [
    ...(retrying === 0 ? [] : [`${ofAll(retrying, count)}tried again by itself${next}`]),
    ...(again === 0
      ? []
      : [
          `${ofAll(again, count)}between two attempts: ${agreeing(again, 'its next is', 'their next are')} under way or about to begin`,
        ]),
    ...(stopped === 0 ? [] : [`${ofAll(stopped, count)}${agreeing(stopped, 'waits', 'wait')} for a person`]),
  ];
}

const ofAll = (some: number, all: number) => (some === all ? '' : `${some} `);
