/** Checksums as `algorithm:hex`: which of several counts, and when two are the same. */
import type { Checksum } from '../../../machines/model.ts';
import type { StatDepth } from '../../ports/store.ts';

/**
 * Algorithms that stores here and jobs on any node can compute, the strongest first; a
 * job has adler32 from a client of XRootD or, slowly, from awk.
 */
const CHECKABLE = ['sha512', 'sha256', 'sha1', 'md5', 'adler32'] as const;

/** Hexadecimal digits of each, so that a sum cut short is never held against a whole one. */
const DIGITS: Readonly<Record<(typeof CHECKABLE)[number], number>> = {
  sha512: 128,
  sha256: 64,
  sha1: 40,
  md5: 32,
  adler32: 8,
};

/**
 * The checksum by which a file is checked, in its plain form: lower case, an adler32 with
 * its leading zeros.
 *
 * @param known  all that a catalog says, in any order and form
 * @returns null where none can be checked
 */
export function bestChecksum(known: readonly Checksum[]): Checksum | null {
  const plain = known.map(plainChecksum);
  const best = CHECKABLE.flatMap((algorithm) =>
    plain.filter(
      (sum) => sum.startsWith(`${algorithm}:`) && sum.length === algorithm.length + 1 + DIGITS[algorithm],
    ),
  );
  return best[0] ?? null;
}

/** The names some catalogs have for algorithms: `SHA-256`, `ad`. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  ad: 'adler32',
  adler: 'adler32',
  'adler-32': 'adler32',
  'sha-1': 'sha1',
  'sha-256': 'sha256',
  'sha-512': 'sha512',
};

function plainChecksum(checksum: Checksum): Checksum {
  const [written = '', digits = ''] = checksum.trim().toLowerCase().split(':');
  const algorithm = OTHER_NAMES[written.trim()] ?? written.trim();
  const plain = digits.trim().replace(/^0x/, '');
  return `${algorithm}:${algorithm === 'adler32' ? plain.padStart(DIGITS.adler32, '0') : plain}`;
}

/** By what an input's bytes are proved after they were verified; null: nobody knows. */
export function provingChecksum(input: {
  readonly checksum: Checksum | null;
  readonly seenChecksum: Checksum | null;
}): Checksum | null {
  return input.checksum ?? input.seenChecksum;
}

/** How to ask a store for a sum that can be held against one; null: whatever the store has. */
export function depthFor(checksum: Checksum | null): Exclude<StatDepth, 'size'> {
  return checksum === null ? 'checksum' : `checksum:${algorithmOf(checksum)}`;
}

/** Whether two sums are known, of one algorithm, and differ. */
export function contradict(one: Checksum | null | undefined, other: Checksum | null | undefined): boolean {
  return one != null && other != null && algorithmOf(one) === algorithmOf(other) && one !== other;
}

function algorithmOf(checksum: Checksum): string {
  return checksum.slice(0, checksum.indexOf(':'));
}
