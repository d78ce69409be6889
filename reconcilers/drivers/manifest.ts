import type { CatalogFile } from '../ports/catalog.ts';
import { readManifest } from './catalog/embedded/manifest-reader.ts';

/** The files of an NDJSON manifest, in one page. @throws DriverError naming file and line */
export async function* manifestFiles(
  file: string,
  signal: AbortSignal,
): AsyncGenerator<readonly CatalogFile[]> {
  const pages: (readonly CatalogFile[])[] = [];
  await readManifest(file, 5_000, async (batch) => {
    signal.throwIfAborted();
    pages.push(batch.map((numbered) => numbered.file));
  });
  yield* pages;
}
