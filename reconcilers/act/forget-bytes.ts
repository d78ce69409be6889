import type { Draft } from '../decide/change/draft.ts';
import type { InputRow } from '../model/rows.ts';

/**
 * Forget what was summed and counted of a copy when it was verified: a person says that
 * it is right as it is now, and it is read anew. What a catalog says of it stays.
 */
export function forgetBytes({ id, sizeBytes, checksum, seenChecksum }: InputRow, draft: Draft): void {
  if (seenChecksum === null) return;
  const details = { sizeBytes, checksum, eventCount: null, seenChecksum: null };
  draft.noteDetails({ fileId: id, ...details });
  draft.touch(id, details);
}
