/** Raw copies that get other bytes of the same size after they were verified: no job reads them unseen. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { assertBalanced, assertEnded, inputsOf } from '../campaign/questions.ts';
import { aCampaign, type World } from '../campaign/world.ts';
import { aSmallWorld, events, smallSpec } from './small.ts';

/** The same size, as many events, other bytes. */
const swapped = (text: string) => text.replace('event 000001', 'event 900001');
const md5 = (text: string) => `MD5:${createHash('md5').update(text).digest('hex').toUpperCase()}`;

/** A manifest of one file of three events, with these checksums. */
function manifest(checksums: readonly string[]): string {
  const text = events(3);
  const locations = ['disk:raw/a.txt'];
  return `${JSON.stringify({ file_name: 'a.txt', file_size: text.length, event_count: 3, checksum: checksums, locations })}\n`;
}

interface Proofs {
  readonly inputs: {
    readonly verifiedByJob: number;
    readonly unchecked: readonly { readonly reason: string; readonly files: number }[];
  };
}

const proofsOf = async (world: World) => ((await world.json('ledger', 'small')) as Proofs).inputs;

/** Verified, then changed in place, then tried. */
async function changedAfterVerified(world: World): Promise<void> {
  await world.rereco('reconcile', '--phase', 'transfer');
  await world.rereco('reconcile', '--phase', 'verify');
  assert.deepEqual(
    (await inputsOf(world)).map(({ state }) => state),
    ['verified'],
  );
  await world.write('raw/a.txt', swapped(events(3)));
  const ran = await world.rereco('reconcile', '--until', 'settled');
  assert.equal(ran.code, 3, ran.out + ran.err);
}

describe('a raw file whose bytes are swapped where it lies', function () {
  this.timeout(600_000);
  let world: World;
  afterEach(() => world.close());

  it('is told, and not processed, where the catalog knows no more than an md5', async () => {
    world = await aSmallWorld({ 'a.txt': 3 }, smallSpec({ input: 'manifest: raw.ndjson' }));
    await world.write('raw.ndjson', manifest(['crc32c:0a0b0c0d', md5(events(3))]));
    await changedAfterVerified(world);
    const { out } = await world.rereco('errors');
    assert.match(out.replace(/\s+/g, ' '), /the copy has md5:\w+, the catalog says md5:/);
    assert.match(out.replace(/\s+/g, ' '), /\(verify, data\)/);

    await world.write('raw/a.txt', events(3));
    await world.rereco('clean', 'a.txt', '--yes');
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    await assertBalanced(world, 'small', 3);
    assert.deepEqual(await proofsOf(world), { verifiedByJob: 1, unchecked: [] });
  });

  it('is told where no catalog knows it, and processed once a person says that it is right', async () => {
    world = await aSmallWorld({ 'a.txt': 3 }, smallSpec());
    await changedAfterVerified(world);
    const { out } = await world.rereco('errors');
    assert.match(
      out.replace(/\s+/g, ' '),
      /had md5:\w+ when it was verified; if it is right as it is, clean it/,
    );

    await world.rereco('clean', 'a.txt', '--yes');
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    assert.equal(await world.read('dst/a.dst'), swapped(events(3)));
    assert.deepEqual(await proofsOf(world), { verifiedByJob: 1, unchecked: [] });
  });

  it('counts as unchecked in the ledger where nobody knows a checksum', async () => {
    world = await aSmallWorld({ 'a.txt': 3 }, smallSpec({ input: 'manifest: raw.ndjson' }));
    await world.write('raw.ndjson', manifest(['crc32c:0a0b0c0d']));
    assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
    const reason = 'no checksum of it is known';
    assert.deepEqual(await proofsOf(world), { verifiedByJob: 0, unchecked: [{ reason, files: 1 }] });
    const { out } = await world.rereco('ledger', 'small');
    assert.match(
      out,
      /bytes verified by job: 0 files; read unchecked: 1 file\n {2}1 file: no checksum of it/,
    );
  });
});

describe('raw copies that were delivered, and get other bytes', function () {
  this.timeout(600_000);

  it('are put aside and brought again, and what is made is made of the right bytes', async () => {
    const world = await aCampaign(2, 10, 'shared');
    try {
      for (const phase of ['transfer', 'verify', 'transfer', 'verify']) {
        await world.rereco('reconcile', '--phase', phase);
      }
      const [name = ''] = (await readdir(world.at('fnal'))).sort();
      const copy = `hpss/raw/176852/${name}`;
      const bytes = await world.read(copy);
      assert.deepEqual(
        (await inputsOf(world)).map(({ state }) => state),
        ['verified', 'verified'],
      );
      await world.write(copy, bytes.replace('EVENT 0 1 ', 'EVENT 0 9 '));

      assertEnded(await world.rereco('reconcile', '--until', 'settled'), 0);
      await assertBalanced(world, 'p17', 20);
      assert.equal(await world.read(copy), bytes);
      const made = await world.read(`hpss/dst/176852/reco_${name.replace('.raw', '')}_p17.03.03`);
      assert.equal(made, bytes.replace(/^EVENT/gm, 'DST'));
      const { out } = await world.rereco('history', name);
      assert.match(out, /running → error \(verify\).*check\.failed/);
      const away = await readdir(world.at('hpss/.rereco/quarantine'), { recursive: true });
      assert.equal(away.filter((path) => path.includes(name)).length, 1);
    } finally {
      await world.close();
    }
  });
});
