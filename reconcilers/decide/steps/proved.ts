/** What deleting and releasing have in common. */
import type { FileId, StorePath } from '../../../machines/model.ts';
import type { DeleteProof } from '../../../specs/types.ts';
import type { ExpectedBytes } from '../../ports/store.ts';

/** A deletion, and the other copy that was read back for it (law 4). */
export interface Proved {
  readonly fileId: FileId;
  readonly store: string;
  readonly path: StorePath;
  readonly expected: ExpectedBytes;
  readonly proof: { readonly by: DeleteProof; readonly store: string; readonly path: StorePath };
}
