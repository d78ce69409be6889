import { realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { loadSpecs } from '../specs/load.ts';
import type { LoadedSpecs } from '../specs/types.ts';
import { stateFolder } from './state.ts';

export interface ReadSpecs {
  readonly specs: LoadedSpecs;
  /** Whether a file lies in one of the places that were read. */
  isCovered(file: string): boolean;
}

/** Read the specs of files and folders; the current folder where none is named. */
export async function readSpecs(paths: readonly string[], signal: AbortSignal): Promise<ReadSpecs> {
  const places = (paths.length === 0 ? ['.'] : paths).map((place) => path.resolve(place));
  const specs = await loadSpecs(places, { stateDir: stateFolder(), signal });
  const folders = places.flatMap((place) => (isFolder(place) ? [place, realpathSync(place)] : []));
  const isCovered = (file: string) =>
    places.includes(file) || folders.some((folder) => file.startsWith(folder + path.sep));
  return { specs, isCovered };
}

function isFolder(place: string): boolean {
  try {
    return statSync(place).isDirectory();
  } catch {
    // What cannot be looked at holds no spec; reading it has said why.
    return false;
  }
}
