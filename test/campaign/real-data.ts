/** Real event files as input, where they are: small ones of public generators and analyses. */
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { World } from './world.ts';

const BESIDE_THE_CHECKOUT = fileURLToPath(new URL('../../../shared/data', import.meta.url));

/** The folder of real files; it holds one for each format, with a manifest in it. */
export const REAL_DATA = process.env.RERECO_TEST_DATA ?? BESIDE_THE_CHECKOUT;

export interface RealFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly events: number;
}

export type Format = 'lhe' | 'root';

/** The files of a format as their manifest has them; undefined where there are none on this machine. */
export function realFiles(format: Format): readonly RealFile[] | undefined {
  const manifest = path.join(REAL_DATA, format, 'manifest.ndjson');
  if (!existsSync(manifest)) return undefined;
  return readFileSync(manifest, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .map(({ file_name: name, file_size: sizeBytes, event_count: events }) => ({ name, sizeBytes, events }));
}

/** Skip what runs in this hook where a format's files are missing, and say so. */
export function skipWithout(format: Format, context: Mocha.Context): void {
  if (realFiles(format) !== undefined) return;
  console.log(`      skipped: no ${format} files in ${REAL_DATA}; RERECO_TEST_DATA names another folder`);
  context.skip();
}

/** Copy the files of a format into a folder of a world, and its manifest to a name of its own. */
export async function bringRealFiles(
  world: World,
  format: Format,
  folder: string,
  manifest?: string,
): Promise<void> {
  await mkdir(world.at(folder), { recursive: true });
  const source = path.join(REAL_DATA, format);
  for (const { name } of realFiles(format) ?? []) {
    await copyFile(path.join(source, name), world.at(folder, name));
  }
  if (manifest !== undefined) await copyFile(path.join(source, 'manifest.ndjson'), world.at(manifest));
}
