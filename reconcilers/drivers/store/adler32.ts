/** The largest prime below 2^16. */
const MODULUS = 65521;

/** Bytes after which the sums must be reduced so that they stay exact: zlib's NMAX. */
const BLOCK = 5552;

/** What adler32 starts from: the sum of no bytes. */
export const ADLER32_SEED = 1;

/**
 * The adler32 of everything summed so far and these bytes after it.
 *
 * @param sum  `ADLER32_SEED` for the first bytes, the last result from there on
 * @returns an unsigned 32-bit number
 * Source: RFC 1950, section 8.2.
 */
export function adler32(sum: number, bytes: Uint8Array): number {
  let low = sum & 0xffff;
  let high = sum >>> 16;
  let at = 0;
  while (at < bytes.length) {
    const end = Math.min(at + BLOCK, bytes.length);
    for (; at < end; at++) {
      // Always a byte: `at` stays below the length. A check here halves the speed.
      low += bytes[at] as number;
      high += low;
    }
    low %= MODULUS;
    high %= MODULUS;
  }
  return ((high << 16) | low) >>> 0;
}

/** An adler32 as eight lower-case hex digits. */
export function adler32Hex(sum: number): string {
  return sum.toString(16).padStart(8, '0');
}
