/** A stop as people read it. */
import type { Waiting } from '../../reconcilers/decide/answer.ts';
import type { PassContext } from '../../reconcilers/model/context.ts';
import { oneLine } from './shown.ts';
import { localTime, span } from './time.ts';

/** `ToldStop` is a stop with what is known of its code. */
export type ToldStop = Pick<Waiting, 'code' | 'text' | 'since' | 'quote' | 'endsBy' | 'who'>;

/** `stopText` says what a stop is, what the system itself says, its code, since when, and who must act. */
export function stopText({ text, quote, ...stop }: ToldStop, { now }: Pick<PassContext, 'now'>): string {
  const said =
    quote === undefined
      ? ''
      : `; ${quote.system} says "${oneLine(quote.said)}" (asked ${span(now - quote.askedMs)} ago)`;
  return `${text}${said} (${stopKind(stop)})`;
}

/** `stopKind` is the code of a stop, since when it is so, and who must act. */
function stopKind({ code, since, who }: Pick<ToldStop, 'code' | 'since' | 'who'>): string {
  const dated = since === null ? '' : `, since ${localTime(since)}`;
  return `${code}${dated}; ${endsBy(who)}`;
}

/** `endsBy` says who ends a stop; null: nobody needs to. */
export function endsBy(who: string | null): string {
  return who === null ? 'ends by itself' : `needs ${who}`;
}
