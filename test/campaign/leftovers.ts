/** What a campaign that has settled must not leave in its stores and its spool. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { World } from './world.ts';

/** What may stay below a store's own folder: the marker, what people are to look at, and the folders of these. */
const KEPT_IN_STORES = [/^installation\.json$/, /^quarantine(\/|$)/, /^attempts$/, /^tmp$/];

/**
 * What may stay in a spool: the marker, empty folders, and who had which slot last.
 */
const KEPT_IN_SPOOL = [
  /^\.rereco$/,
  /^\.rereco\/installation\.json$/,
  /^(jobs|moves|scratch|batch)$/,
  /^batch\/(jobs|queue|tmp)$/,
  /^batch\/slots(\/|$)/,
];

/**
 * Every file and folder that is left over in stores and spool: attempts' folders, temporary
 * files, folders of submissions that are archived.
 */
export async function leftovers(
  world: World,
  { stores = ['hpss', 'tmb', 'far', 'fnal'], spool = 'spool' } = {},
): Promise<readonly string[]> {
  const left: string[] = [];
  for (const store of stores) {
    for (const name of await below(world.at(store))) {
      const own = name.startsWith('.rereco/') ? name.slice('.rereco/'.length) : undefined;
      const isKept = own === undefined ? !isTemporary(name) : KEPT_IN_STORES.some((kept) => kept.test(own));
      if (!isKept) left.push(`${store}/${name}`);
    }
  }
  for (const name of await below(world.at(spool))) {
    if (!KEPT_IN_SPOOL.some((kept) => kept.test(name))) left.push(`${spool}/${name}`);
  }
  return left;
}

/** Fail with what is left over. */
export async function assertNothingLeft(
  world: World,
  where: Parameters<typeof leftovers>[1] = {},
): Promise<void> {
  assert.deepEqual(await leftovers(world, where), []);
}

const isTemporary = (name: string) => path.basename(name).startsWith('.rereco-tmp-');

async function below(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name))).sort();
}
