/**
 * Looking again at the bytes of accepted outputs (specs: a site's `scrub`): which are
 * due, how many of them the day still allows, and what came of it.
 *
 * A store that computes checksums reads every byte of a file: that counts against the
 * day, and a file that is not on disk is left alone. A store that keeps checksums is
 * asked for them; nothing is read.
 */
import type { FileId, Millis } from '../../../machines/model.ts';
import type { ScrubChange } from '../../model/change.ts';
import type { PassContext } from '../../model/context.ts';
import type { OutputRow, Page } from '../../model/rows.ts';
import type { PageScope } from '../../model/scope.ts';
import { look, type Observed, type Questions, type World } from '../../model/world.ts';
import type { StoredFile } from '../../ports/store.ts';
import type { Draft } from '../change/draft.ts';
import { prove } from '../judge/proof.ts';

/** Of a pass that reads longer than this nobody would hear for too long. */
const PASS_BYTES = 4_000_000_000;
const PASS_FILES = 200;
const DAY_MS: Millis = 86_400_000;

/** The part of a scope that selects outputs whose bytes are due; null where the site asks for none. */
export function scrubOf({ dataset, now, resync }: PassContext): PageScope['scrub'] {
  const scrub = dataset.loaded.site.scrub ?? null;
  if (scrub === null) return null;
  return { everyMs: scrub.everySeconds * 1000, day: dayOf(now), atMost: PASS_FILES, all: resync };
}

/** The day of a moment, counted from 1970. */
function dayOf(ms: Millis): number {
  return Math.floor(ms / DAY_MS);
}

/** Where an output's bytes lie; undefined: nowhere that anybody can be asked. */
export type PlaceOf = (output: OutputRow) => { readonly store: string; readonly path: string } | undefined;

/** What is done about each output that is due, the one that waits longest first. */
interface Turn {
  readonly output: OutputRow;
  readonly place: ReturnType<PlaceOf>;
  /** `later`: the day, or the pass, has no bytes left for it, or its place did not answer. */
  readonly does: 'read' | 'off disk' | 'nowhere' | 'later';
  readonly bytes: number;
}

/** The questions about the bytes that are read in this pass. @param seen  the sizes of what is due */
export function scrubStats(
  context: PassContext,
  page: Page,
  placeOf: PlaceOf,
  seen: World,
): NonNullable<Questions['stats']> {
  return turns(context, page, placeOf, seen).flatMap(({ does, place }) =>
    does === 'read' && place ? [{ ...place, depth: 'checksum' as const }] : [],
  );
}

/** Note what was looked at, and when it is looked at again. Damage is found by the rules of the phase. */
export function noteScrubs(
  context: PassContext,
  page: Page,
  placeOf: PlaceOf,
  seen: World,
  draft: Draft,
): void {
  const everyMs = (context.dataset.loaded.site.scrub?.everySeconds ?? 0) * 1000;
  for (const { output, place, does, bytes } of turns(context, page, placeOf, seen)) {
    const result = RESULTS[does](place && seenAt(place, output, seen), output);
    if (result === undefined) continue;
    const soon = result === 'not on disk' || result === 'not compared';
    draft.scrub({
      fileId: output.id,
      result,
      bytes: does === 'read' ? bytes : 0,
      lookedMs: draft.now,
      dueMs: draft.now + (soon ? Math.min(everyMs, DAY_MS) : everyMs),
    });
  }
}

type Result = ScrubChange['result'] | undefined;

const RESULTS: Readonly<
  Record<Turn['does'], (copy: Observed<StoredFile> | undefined, output: OutputRow) => Result>
> = {
  later: () => undefined,
  nowhere: () => 'not compared',
  'off disk': () => 'not on disk',
  read(copy, output) {
    const proof = prove(copy ?? { is: 'unknown', why: 'not asked' }, output, 'checksum');
    switch (proof.is) {
      case 'proved':
        return 'good';
      case 'differs':
        return 'corrupt';
      case 'unprovable':
        return 'not compared';
      case 'gone':
      case 'unknown':
        return undefined;
    }
  },
};

/** Decide what is read within the bytes left of the day. Pure: the same before and after the reading. */
function turns(context: PassContext, page: Page, placeOf: PlaceOf, seen: World): readonly Turn[] {
  const { scrub } = page;
  const wanted = context.dataset.loaded.site.scrub ?? null;
  if (scrub === null || wanted === null) return [];
  const outputs = new Map(page.outputs.map((output) => [output.id, output]));
  const leftToday = wanted.bytesPerDay - scrub.readToday;
  const left = Math.min(PASS_BYTES, leftToday);
  let read = 0;
  let full = false;
  return scrub.due.flatMap((id: FileId): readonly Turn[] => {
    const output = outputs.get(id);
    if (output === undefined) return [];
    const place = placeOf(output);
    if (place === undefined) return [{ output, place, does: 'nowhere', bytes: 0 }];
    const copy = seenAt(place, output, seen);
    // What has another size, or is gone, is damage without being read.
    if (copy.is !== 'present' || copy.value.sizeBytes !== output.sizeBytes) {
      return [{ output, place, does: 'later', bytes: 0 }];
    }
    if (context.traits.checksums.get(place.store) === 'kept')
      return [{ output, place, does: 'read', bytes: 0 }];
    if (copy.value.online === false) return [{ output, place, does: 'off disk', bytes: 0 }];

    const bytes = output.sizeBytes;
    // A file larger than a pass's share has a pass of its own, one larger than a day's a day.
    const fitsToday = bytes <= leftToday || (scrub.readToday === 0 && wanted.bytesPerDay > 0);
    const alone = read === 0 && fitsToday;
    full ||= read + bytes > left && !alone;
    if (full) return [{ output, place, does: 'later', bytes: 0 }];
    read += bytes;
    return [{ output, place, does: 'read', bytes }];
  });
}

function seenAt(
  { store, path }: NonNullable<ReturnType<PlaceOf>>,
  { actedMs }: OutputRow,
  seen: World,
): Observed<StoredFile> {
  return look(seen.stats.get(store), path, actedMs);
}
