/**
 * The demonstration's world: a folder that plays Fermilab, what the catalog is
 * told of it, the specs, and two things that go wrong.
 *
 *   fermilab/            24 raw files; a byte of one of them is wrong for a while
 *   catalog/raw.ndjson   what they should be
 *   world/               that file as it was, and the marker at which one reconstruction dies
 *   specs/               what is asked; written last: with it the world is whole
 */
import { existsSync, renameSync } from 'node:fs';
import { copyFile, mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { moduleBeside } from '../../reconcilers/drivers/process/detach.ts';
import { ADLER32_SEED, adler32, adler32Hex } from '../../reconcilers/drivers/store/adler32.ts';
import { UserError } from '../failure.ts';
import { rawFile } from './events.ts';
import { demoSpecs, PLACES } from './spec-text.ts';

const RUNS = [195142, 195143, 195144, 195145];
const FILES_PER_RUN = 6;
const DAMAGED = rawName(195143, 2);
const SPEC_FILE = 'z-mumu.yaml';

export interface World {
  readonly specs: string;
  /** Whether it was made now. */
  readonly isNew: boolean;
  /** Put the damaged file right. Repeatable. @returns its name; null when it was right */
  repair(): string | null;
}

/** The world in a folder, made where it is not whole yet. */
export async function openWorld(folder: string): Promise<World> {
  const specs = path.join(folder, 'specs');
  const isNew = !existsSync(path.join(specs, SPEC_FILE));
  if (isNew) await makeWorld(folder, specs);
  const original = path.join(folder, 'world', DAMAGED);
  return {
    specs,
    isNew,
    repair() {
      if (!existsSync(original)) return null;
      renameSync(original, path.join(specs, PLACES.fermilab, DAMAGED));
      return DAMAGED;
    },
  };
}

async function makeWorld(folder: string, specs: string): Promise<void> {
  const world = path.join(folder, 'world');
  const [fermilab, manifest] = [path.join(specs, PLACES.fermilab), path.join(specs, PLACES.manifest)];
  const stores = [PLACES.hpss, PLACES.tmb, PLACES.far].map((place) => path.join(specs, place));
  for (const place of [fermilab, path.dirname(manifest), world, specs, ...stores]) {
    await mkdir(place, { recursive: true });
  }
  const entries: string[] = [];
  for (const run of RUNS) {
    for (let number = 1; number <= FILES_PER_RUN; number++) {
      entries.push(await writeRaw(fermilab, run, number));
    }
  }
  await writeFile(manifest, entries.join(''));
  await damage(fermilab, world);

  const marker = path.join(world, 'power-cut');
  await writeFile(marker, 'The reconstruction that finds this file removes it and dies.\n');
  await copyFile(reconstruction(), path.join(specs, 'reconstruct.mjs'));
  const unfinished = path.join(specs, `.${SPEC_FILE}`);
  await writeFile(unfinished, demoSpecs(process.execPath, marker));
  await rename(unfinished, path.join(specs, SPEC_FILE));
}

/** Write a raw file. @returns its line in the catalog's manifest */
async function writeRaw(fermilab: string, run: number, number: number): Promise<string> {
  const { text, events } = rawFile(run, number);
  const bytes = Buffer.from(text);
  const name = rawName(run, number);
  await writeFile(path.join(fermilab, name), bytes);
  const entry = {
    file_name: name,
    file_size: bytes.length,
    event_count: events,
    checksum: `adler32:${adler32Hex(adler32(ADLER32_SEED, bytes))}`,
    data_tier: 'raw',
    run,
    locations: [`fermilab:${name}`],
  };
  return `${JSON.stringify(entry)}\n`;
}

/** One byte is wrong, the size is right: only a checksum can tell. */
async function damage(fermilab: string, world: string): Promise<void> {
  const { text } = rawFile(195143, 2);
  await writeFile(path.join(world, DAMAGED), text);
  const bytes = Buffer.from(text);
  const middle = Math.floor(bytes.length / 2);
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  await writeFile(path.join(fermilab, DAMAGED), bytes);
}

function rawName(run: number, number: number): string {
  return `all_${String(run).padStart(10, '0')}_${String(number).padStart(3, '0')}.raw`;
}

function reconstruction(): string {
  const file = fileURLToPath(moduleBeside('./reconstruct', import.meta.url));
  if (file.endsWith('.js')) return file;
  throw new UserError(
    'the demonstration runs from the build: `npm run build`, then `node bin/rereco.mjs demo`',
  );
}
