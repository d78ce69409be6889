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
import type { Finding } from '../../model/findings.ts';
import type { OutputRow, Page } from '../../model/rows.ts';
import type { PageScope } from '../../model/scope.ts';
import { look, type Observed, type Questions, type World } from '../../model/world.ts';
import type { StoredFile } from '../../ports/store.ts';
import { type Proof, prove } from '../judge/proof.ts';

/** Of a pass that reads longer than this nobody would hear for too long. */
const PASS_BYTES = 4_000_000_000;
const PASS_FILES = 200;
const DAY_MS: Millis = 86_400_000;

/** The part of a scope that selects outputs whose bytes are due; null where the site asks for none. */
export function scrubOf({ dataset, now, resync }: PassContext): PageScope['scrub'] {
  const scrub = dataset.loaded.site.scrub;
  if (scrub == null) return null;
  return { everyMs: scrub.everySeconds * 1000, day: dayOf(now), atMost: PASS_FILES, all: resync };
}

/** The day of a moment, counted from 1970. */
function dayOf(ms: Millis): number {
  return Math.floor(ms / DAY_MS);
}

interface Place {
  readonly store: string;
  readonly path: string;
}

/** Where an output's bytes lie; undefined: nowhere that anybody can be asked. */
export type PlaceOf = (output: OutputRow) => Place | undefined;

/** What is done about an output that is due; those that wait longest come first. */
type Turn = { readonly output: OutputRow } & (
  | { readonly does: 'read'; readonly place: Place; readonly bytes: number }
  /** The day, or the pass, has no bytes left for it, or its place did not answer. */
  | { readonly does: 'later' }
  | { readonly does: 'off disk' | 'nowhere' }
);

/** The questions about the bytes that are read in this pass. @param seen  the sizes of what is due */
export function scrubStats(
  context: PassContext,
  page: Page,
  placeOf: PlaceOf,
  seen: World,
): NonNullable<Questions['stats']> {
  return turns(context, page, placeOf, seen).flatMap((turn) =>
    turn.does === 'read' ? [{ ...turn.place, depth: 'checksum' as const }] : [],
  );
}

/** What was looked at, and when it is looked at again. Damage is found by the other facts of the phase. */
export function scrubFindings(
  context: PassContext,
  page: Page,
  placeOf: PlaceOf,
  seen: World,
): readonly Finding[] {
  const { scrub } = context.dataset.loaded.site;
  if (scrub == null) return [];
  const everyMs = scrub.everySeconds * 1000;
  return turns(context, page, placeOf, seen).flatMap((turn): readonly Finding[] => {
    const result = resultOf(turn, seen);
    if (result === undefined) return [];
    const soon = result === 'not on disk' || result === 'not compared';
    return [
      {
        on: 'scrub',
        fileId: turn.output.id,
        result,
        bytes: turn.does === 'read' ? turn.bytes : 0,
        lookedMs: context.now,
        dueMs: context.now + (soon ? Math.min(everyMs, DAY_MS) : everyMs),
      },
    ];
  });
}

/** What has come of a turn; undefined where it says nothing: the output is due at the next pass, too. */
function resultOf(turn: Turn, seen: World): ScrubChange['result'] | undefined {
  switch (turn.does) {
    case 'later':
      return undefined;
    case 'nowhere':
      return 'not compared';
    case 'off disk':
      return 'not on disk';
    case 'read':
      return RESULTS[prove(seenAt(turn.place, turn.output, seen), turn.output, 'checksum').is];
  }
}

const RESULTS: Readonly<Record<Proof['is'], ScrubChange['result'] | undefined>> = {
  proved: 'good',
  differs: 'corrupt',
  unprovable: 'not compared',
  gone: undefined,
  unknown: undefined,
};

/** Decide what is read within the bytes left of the day. Pure: the same before and after the reading. */
function turns(context: PassContext, page: Page, placeOf: PlaceOf, seen: World): readonly Turn[] {
  const { scrub } = page;
  const wanted = context.dataset.loaded.site.scrub;
  if (scrub === null || wanted == null) return [];
  const outputs = new Map(page.outputs.map((output) => [output.id, output]));
  const take = bytesLeft(wanted.bytesPerDay, scrub.readToday);
  return scrub.due.flatMap((id: FileId): readonly Turn[] => {
    const output = outputs.get(id);
    if (output === undefined) return [];
    const place = placeOf(output);
    if (place === undefined) return [{ output, does: 'nowhere' }];
    const copy = seenAt(place, output, seen);
    // What has another size, or is gone, is damage without being read.
    if (copy.is !== 'present' || copy.value.sizeBytes !== output.sizeBytes)
      return [{ output, does: 'later' }];
    const isKept = context.traits.checksums.get(place.store) === 'kept';
    if (isKept) return [{ output, does: 'read', place, bytes: 0 }];
    if (copy.value.online === false) return [{ output, does: 'off disk' }];
    const bytes = output.sizeBytes;
    return [take(bytes) ? { output, does: 'read', place, bytes } : { output, does: 'later' }];
  });
}

/** What a pass may still read: once a file does not fit, none after it is read either. */
function bytesLeft(bytesPerDay: number, readToday: number): (bytes: number) => boolean {
  const leftToday = bytesPerDay - readToday;
  const left = Math.min(PASS_BYTES, leftToday);
  let read = 0;
  let full = false;
  return (bytes) => {
    // A file larger than a pass's share has a pass of its own, one larger than a day's a day.
    const fitsToday = bytes <= leftToday || (readToday === 0 && bytesPerDay > 0);
    full ||= read + bytes > left && !(read === 0 && fitsToday);
    if (!full) read += bytes;
    return !full;
  };
}

function seenAt({ store, path }: Place, { actedMs }: OutputRow, seen: World): Observed<StoredFile> {
  return look(seen.stats.get(store), path, actedMs);
}
