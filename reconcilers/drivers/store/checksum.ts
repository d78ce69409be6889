import { createHash, getHashes } from 'node:crypto';
import type { Checksum } from '../../../machines/model.ts';
import { ADLER32_SEED, adler32, adler32Hex } from './adler32.ts';

/** Sums bytes as they come. */
export interface Summer {
  update(bytes: Uint8Array): void;
  /** The sum of all bytes given; to be asked for once, at the end. */
  checksum(): Checksum;
}

/** The algorithm's name in a checksum: `adler32` of `adler32:0a1b2c3d`. */
export function algorithmOf(checksum: Checksum): string {
  return checksum.slice(0, Math.max(0, checksum.indexOf(':')));
}

/**
 * A new sum by an algorithm: `adler32`, or any hash that Node knows (`md5`, `sha256`).
 *
 * @returns undefined for an algorithm that nobody here can compute
 */
export function newSummer(algorithm: string): Summer | undefined {
  if (algorithm === 'adler32') return adlerSummer();
  if (!getHashes().includes(algorithm)) return undefined;

  const hash = createHash(algorithm);
  return {
    update: (bytes) => void hash.update(bytes),
    checksum: () => `${algorithm}:${hash.digest('hex')}`,
  };
}

/** A new adler32, the sum every store and mover of this folder speaks. */
export function adlerSummer(): Summer {
  let sum = ADLER32_SEED;
  return {
    update: (bytes) => {
      sum = adler32(sum, bytes);
    },
    checksum: () => `adler32:${adler32Hex(sum)}`,
  };
}
