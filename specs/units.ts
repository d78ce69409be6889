/**
 * What people write (`40h`, `2GB`, `5%`) and the integers that are kept: seconds,
 * bytes, parts per million. No floating point on the way, so `1.1TB` is exact.
 */

/** What a written quantity measures. */
export type UnitKind = 'time' | 'size' | 'share';

/** A quantity as an integer, or a sentence that says how to write it. */
export type Quantity =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly sentence: string };

/** Seconds, bytes or parts per million in one of each unit. */
const FACTORS: Readonly<Record<UnitKind, Readonly<Record<string, bigint>>>> = {
  time: { w: 604_800n, d: 86_400n, h: 3_600n, m: 60n, s: 1n },
  size: {
    B: 1n,
    kB: 10n ** 3n,
    KB: 10n ** 3n,
    MB: 10n ** 6n,
    GB: 10n ** 9n,
    TB: 10n ** 12n,
    PB: 10n ** 15n,
    KiB: 2n ** 10n,
    MiB: 2n ** 20n,
    GiB: 2n ** 30n,
    TiB: 2n ** 40n,
    PiB: 2n ** 50n,
  },
  share: { '%': 10_000n },
};

const NUMBER = '[0-9]{1,15}(\\.[0-9]{1,9})?';

/** The written forms, as the JSON Schema shows them to editors; {@link readUnit} accepts nothing else. */
export const UNIT_PATTERNS: Readonly<Record<UnitKind, string>> = {
  time: `^(0|(${NUMBER} ?w)?(${NUMBER} ?d)?(${NUMBER} ?h)?(${NUMBER} ?m)?(${NUMBER} ?s)?)$`,
  size: `^(0|${NUMBER} ?([kKMGTP]?B|[KMGTP]iB))$`,
  share: `^(0|${NUMBER} ?%)$`,
};

const HELP: Readonly<Record<UnitKind, string>> = {
  time: 'write a time with its unit, such as 90s, 30m, 40h or 1d12h',
  size: 'write a size with its unit, such as 500MB, 2GB or 4GiB',
  share: 'write a share in percent, such as 5% or 0.1%',
};

const WHOLE: Readonly<Record<UnitKind, string>> = {
  time: 'a whole number of seconds',
  size: 'a whole number of bytes',
  share: 'a whole number of parts per million',
};

/**
 * Read a quantity as people write it.
 *
 * @param written  text with a unit; a bare 0 needs none, any other bare number is refused
 * @returns seconds, bytes or parts per million; or a sentence saying how to write it
 */
export function readUnit(kind: UnitKind, written: string | number): Quantity {
  const text = String(written).trim();
  if (text === '0') return { ok: true, value: 0 };
  if (text === '' || !new RegExp(UNIT_PATTERNS[kind]).test(text)) {
    return { ok: false, sentence: `${HELP[kind]}; ${shown(text)} is none` };
  }

  // Every part is taken at the fineness of the ninth decimal, so that sums stay exact.
  const fine = 10n ** 9n;
  let total = 0n;
  for (const [, whole = '', , decimals = '', unit = ''] of text.matchAll(
    /([0-9]+)(\.([0-9]+))? ?([A-Za-z%]+)/g,
  )) {
    const factor = FACTORS[kind][unit] ?? 0n;
    total += BigInt(whole + decimals.padEnd(9, '0')) * factor;
  }
  if (total % fine !== 0n) return { ok: false, sentence: `${shown(text)} is not ${WHOLE[kind]}` };

  const value = total / fine;
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
    return { ok: false, sentence: `${shown(text)} is more than this program can count` };
  }
  return { ok: true, value: Number(value) };
}

/** Long nonsense is cut, so that a sentence stays a line. */
function shown(text: string): string {
  if (text === '') return 'an empty text';
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
