/** Worlds that an older version of the program has left, kept as they were but for the folder they lie in. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';
import { extract, pack } from 'tar-stream';
import { aWorld, type World } from '../campaign/world.ts';

/** The folder in which the worlds were made; it stands in their specs, their spool and their database. */
const MADE_IN = '/tmp/rereco-campaign-AEZnov';

/** The database of an old world, as its own `rereco db backup` wrote it. */
export const BACKUP = 'backup.tar';

/**
 * Unpack an old world into a folder of its own.
 *
 * @param name  of the file in `test/fixtures/`: a tar of the folder, with `BACKUP` in it
 */
export async function anOldWorld(name: string): Promise<World> {
  const file = fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
  const world = await aWorld('shared');
  for (const { entry, mode, bytes } of await entriesOf(createReadStream(file).pipe(createGunzip()))) {
    if (entry.endsWith(BACKUP)) continue;
    await world.write(entry, moved(bytes, world), mode);
  }
  const [backup] = (await entriesOf(createReadStream(file).pipe(createGunzip()))).filter(({ entry }) =>
    entry.endsWith(BACKUP),
  );
  if (backup === undefined) throw new Error(`${name} has no ${BACKUP}`);
  await world.write('old.tar', backup.bytes);
  await writeFile(world.at(BACKUP), await movedBackup(world));
  return world;
}

interface Entry {
  readonly entry: string;
  readonly mode: number;
  readonly bytes: Buffer;
}

async function entriesOf(tar: Readable): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for await (const part of tar.pipe(extract())) {
    const chunks: Buffer[] = [];
    for await (const chunk of part as AsyncIterable<Buffer>) chunks.push(chunk);
    const { name, mode = 0o644, type } = part.header;
    if (type === 'file') entries.push({ entry: path.normalize(name), mode, bytes: Buffer.concat(chunks) });
  }
  return entries;
}

/** What names the folder names the new one; every file of an old world is text. */
function moved(bytes: Buffer, world: World): Buffer {
  return Buffer.from(bytes.toString('utf8').replaceAll(MADE_IN, world.folder));
}

/** A backup whose rows name the new folder, with checksums that fit. */
async function movedBackup(world: World): Promise<Buffer> {
  const entries = (await entriesOf(createReadStream(world.at('old.tar')))).map((one) => ({
    ...one,
    bytes: moved(one.bytes, world),
  }));
  const sums = new Map<string, ReturnType<typeof createHash>>();
  for (const { entry, bytes } of entries) {
    const of = entry.includes('/') ? path.dirname(entry) : entry;
    sums.set(of, (sums.get(of) ?? createHash('sha256')).update(bytes));
  }
  const known = JSON.parse(String(entries.find(({ entry }) => entry === 'checksums.json')?.bytes));
  const checksums = Object.fromEntries(
    Object.entries(known).map(([of, sum]) => [of, sums.get(of)?.digest('hex') ?? sum]),
  );
  const tar = pack();
  for (const { entry, bytes } of entries) {
    tar.entry({ name: entry }, entry === 'checksums.json' ? JSON.stringify(checksums) : bytes);
  }
  tar.finalize();
  const written: Buffer[] = [];
  for await (const chunk of tar as AsyncIterable<Buffer>) written.push(chunk);
  return Buffer.concat(written);
}
