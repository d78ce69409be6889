/** What the files of a dataset wait for, as people read it. */
import type { WaitGroup } from '../../reconcilers/decide/waits.ts';
import type { PassContext } from '../../reconcilers/model/context.ts';
import { agreeing, counted } from '../../reconcilers/model/counted.ts';
import { oneLine, shown } from './shown.ts';
import { endsBy } from './stop-text.ts';
import { span } from './time.ts';
import { wrapped } from './wrap.ts';

/** `waitLines` says how many files of a dataset wait for what, the stop of the first tier first. */
export function waitLines(groups: readonly WaitGroup[], context: PassContext): readonly string[] {
  const { name } = context.dataset;
  if (groups.length === 0) return [`${name}: no file waits for anything`];
  const inputs = groups.reduce((sum, group) => sum + group.inputs, 0);
  const outputs = groups.reduce((sum, group) => sum + group.outputs, 0);
  const verb = agreeing(inputs + outputs, 'is not at its goal', 'are not at their goal');
  return [
    wrapped(`${name}: ${files({ inputs, outputs })} ${verb}`, ''),
    ...groups.flatMap((group) => groupLines(group, context)),
  ];
}

function groupLines(group: WaitGroup, { now }: PassContext): readonly string[] {
  const { code, who, sinceMs, example, text } = group;
  const one = group.inputs + group.outputs === 1;
  const oldest = `${one ? 'for' : 'the oldest for'} ${span(now - sinceMs)}`;
  return [
    wrapped(`${files(group)}: ${code}; ${endsBy(who)}; ${oldest}`, '  '),
    wrapped(`${shown(example)}: ${oneLine(text)}`, '    '),
  ];
}

function files({ inputs, outputs }: Pick<WaitGroup, 'inputs' | 'outputs'>): string {
  const parts = [
    ...(inputs > 0 ? [counted(inputs, 'file')] : []),
    ...(outputs > 0 ? [counted(outputs, 'output')] : []),
  ];
  return parts.join(' and ');
}
