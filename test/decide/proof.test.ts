import assert from 'node:assert/strict';
import { type Accepted, prove } from '../../reconcilers/decide/judge/proof.ts';
import type { Observed } from '../../reconcilers/model/world.ts';
import type { StoredFile } from '../../reconcilers/ports/store.ts';

const SUM = 'adler32:00000001';
const OTHER = 'adler32:00000002';
const MD5 = 'md5:0123';

const has = (sizeBytes: number, checksum?: string): Observed<StoredFile> => ({
  is: 'present',
  value: { sizeBytes, ...(checksum === undefined ? {} : { checksum }) },
});
const accepted = (checksum: string | null): Accepted => ({ sizeBytes: 500, checksum });

describe('prove', () => {
  const cases = [
    { it: 'takes the size where the site says so', copy: has(500), sum: SUM, by: 'size', is: 'proved' },
    { it: 'takes no other size', copy: has(50), sum: SUM, by: 'size', is: 'differs' },
    { it: 'takes the same checksum', copy: has(500, SUM), sum: SUM, by: 'checksum', is: 'proved' },
    { it: 'takes no other checksum', copy: has(500, OTHER), sum: SUM, by: 'checksum', is: 'differs' },
    {
      it: 'sees another checksum also where size is enough',
      copy: has(500, OTHER),
      sum: SUM,
      by: 'size',
      is: 'differs',
    },
    {
      it: 'does not trust a store without a checksum',
      copy: has(500),
      sum: SUM,
      by: 'checksum',
      is: 'unprovable',
    },
    {
      it: 'does not trust where none was accepted',
      copy: has(500, SUM),
      sum: null,
      by: 'checksum',
      is: 'unprovable',
    },
    {
      it: 'does not compare checksums of two kinds',
      copy: has(500, MD5),
      sum: SUM,
      by: 'readBack',
      is: 'unprovable',
    },
    {
      it: 'sees a wrong size before a missing checksum',
      copy: has(50),
      sum: null,
      by: 'checksum',
      is: 'differs',
    },
    { it: 'tells a copy that is gone', copy: { is: 'absent' }, sum: SUM, by: 'checksum', is: 'gone' },
    {
      it: 'says nothing without an answer',
      copy: { is: 'unknown', why: 'down' },
      sum: SUM,
      by: 'size',
      is: 'unknown',
    },
  ] as const;
  for (const { it: title, copy, sum, by, is } of cases) {
    it(title, () => assert.equal(prove(copy, accepted(sum), by).is, is));
  }
});
