import { existsSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { filesOf } from '../reconcilers/decide/specs/source.ts';
import { loadSpecs } from '../specs/load.ts';
import type { LoadedSpecs, SpecOrigin } from '../specs/types.ts';
import { stateFolder } from './state.ts';

export interface ReadSpecs {
  readonly specs: LoadedSpecs;
  /**
   * Whether a spec's file lies in one of the places that were read; or would lie there, in a checkout
   * of its repository, where the file on record is gone: the checkout it lay in was moved. While that
   * file is there, a checkout of another day says nothing of what it asks for.
   */
  isCovered(origin: SpecOrigin): boolean;
}

/** Read the specs of files and folders; the current folder where none is named. */
export async function readSpecs(paths: readonly string[], signal: AbortSignal): Promise<ReadSpecs> {
  const places = (paths.length === 0 ? ['.'] : paths).map((place) => path.resolve(place));
  const specs = await loadSpecs(places, { stateDir: stateFolder(), signal });
  const folders = places.flatMap((place) => (isFolder(place) ? [place, realpathSync(place)] : []));
  const covers = (file: string) =>
    places.includes(file) || folders.some((folder) => file.startsWith(folder + path.sep));
  const isCovered = (origin: SpecOrigin) =>
    covers(origin.file) || (!existsSync(origin.file) && filesOf(origin, specs.checkouts).some(covers));
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
