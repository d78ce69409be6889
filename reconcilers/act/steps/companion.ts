import { readMetadata } from '../../decide/judge/metadata.ts';
import type { Step } from '../../model/steps.ts';
import { DriverError } from '../../ports/errors.ts';
import type { Store } from '../../ports/store.ts';

type Companion = NonNullable<Step<'promote'>['companion']>;

/**
 * Write the text that lies beside a file, as exported metadata does.
 *
 * An older text about the same file (`file_name`) is replaced; any other file is left alone.
 *
 * @throws DriverError `conflict` when something else lies there
 */
export async function writeCompanion(
  store: Store,
  { path, text }: Companion,
  signal: AbortSignal,
): Promise<void> {
  const there = await store.readText(path, signal);
  if (there === text) return;
  if (there !== undefined && !isOfSameFile(there, text)) {
    throw new DriverError('conflict', `store ${store.name}: ${path} holds something else`);
  }
  await store.replaceText(path, text, signal);
}

function isOfSameFile(one: string, other: string): boolean {
  const [first, second] = [readMetadata(one)?.file_name, readMetadata(other)?.file_name];
  return first !== undefined && first === second;
}
