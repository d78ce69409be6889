import { type Finding, patchInput } from '../../model/findings.ts';
import type { InputRow } from '../../model/rows.ts';

/**
 * What was summed and counted of a copy when it was verified is forgotten: a person says that
 * it is right as it is now, and it is read anew. What a catalog says of it stays.
 */
export function forgetBytes({ id, sizeBytes, checksum, seenChecksum }: InputRow): readonly Finding[] {
  if (seenChecksum === null) return [];
  const details = { sizeBytes, checksum, eventCount: null, seenChecksum: null };
  return [{ on: 'details', fileId: id, ...details }, patchInput(id, details)];
}
