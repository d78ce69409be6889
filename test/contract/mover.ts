import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { MoveOrder, Mover, MoveSeen, TransferOrder } from '../../reconcilers/ports/mover.ts';

/** A mover opened for one test, and the world's own way around it. */
export interface OpenMover {
  readonly mover: Mover;
  writeSource(path: string, text: string): Promise<void>;
  writeTarget(path: string, text: string): Promise<void>;
  /** undefined when there is no such file. */
  readTarget(path: string): Promise<string | undefined>;
  readSource(path: string): Promise<string | undefined>;
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

/** Each call opens a new mover, between two empty stores, whose transfers end by themselves. */
export interface MoverUnderTest {
  open(): Promise<OpenMover>;
}

const { signal } = new AbortController();
const HELLO = { state: 'moved', sizeBytes: 5, checksum: 'adler32:062c0215' };

/** An order for one transfer of files that each get the name `to/<from>`. */
export function anOrder(name: string, ...files: (string | Partial<MoveOrder>)[]): TransferOrder {
  return {
    name,
    files: files.map((file, index) => {
      const given = typeof file === 'string' ? { from: file } : file;
      const from = given.from ?? 'a';
      return { index, from, to: `to/${from}`, sizeBytes: null, checksum: null, ...given };
    }),
  };
}

/** Wait until every file of a transfer has moved or failed, for at most a minute and a half. */
export async function untilOver(mover: Mover, name: string): Promise<ReadonlyMap<number, MoveSeen>> {
  for (let tries = 0; tries < 3_600; tries++) {
    const files = (await mover.observe([name], 0, signal)).found.get(name)?.files;
    if (files && [...files.values()].every(({ state }) => state === 'moved' || state === 'failed'))
      return files;
    await delay(25);
  }
  throw new Error(`transfer ${name} is not over after a minute and a half`);
}

/** What every Mover must do. Call it inside the driver's own `describe`. */
export function behavesLikeAMover(subject: MoverUnderTest): void {
  let open: OpenMover;
  beforeEach(async () => {
    open = await subject.open();
    await open.writeSource('a', 'hello');
  });
  afterEach(() => open.close());
  const causeOf = (seen: MoveSeen | undefined) => (seen?.state === 'failed' ? seen.cause : seen?.state);

  it('moves the bytes, says what it moved, and leaves the source', async () => {
    await open.writeSource('b/c', 'more');
    const order = anOrder('t1', { from: 'a', sizeBytes: 5, checksum: 'adler32:062c0215' }, 'b/c');
    await open.mover.submit(order, signal);
    const files = await untilOver(open.mover, 't1');
    assert.deepEqual([files.get(0), files.get(1)?.state], [HELLO, 'moved']);
    assert.deepEqual([await open.readTarget('to/a'), await open.readTarget('to/b/c')], ['hello', 'more']);
    assert.equal(await open.readSource('a'), 'hello');
  });

  it('answers with the system id that submit gave', async () => {
    const systemId = await open.mover.submit(anOrder('t1', 'a'), signal);
    assert.equal((await open.mover.observe(['t1'], 0, signal)).found.get('t1')?.systemId, systemId);
    await untilOver(open.mover, 't1');
  });

  it('knows completely which transfers were never there', async () => {
    const seen = await open.mover.observe(['t8', 't9'], 17, signal);
    assert.deepEqual([seen.complete, seen.found.size, seen.unknown.size, seen.askedAt], [true, 0, 0, 17]);
  });

  it('takes a name once', async () => {
    await open.mover.submit(anOrder('t1', 'a'), signal);
    await assert.rejects(open.mover.submit(anOrder('t1', 'a'), signal), { code: 'conflict' });
    assert.deepEqual((await untilOver(open.mover, 't1')).get(0), HELLO);
    await assert.rejects(open.mover.submit(anOrder('t1', 'a'), signal), { code: 'conflict' });
  });

  for (const name of ['', '../t', '.t', 'a/b', '-t', 'x'.repeat(500)]) {
    it(`takes no transfer named ${JSON.stringify(name.slice(0, 20))}`, async () => {
      await assert.rejects(open.mover.submit(anOrder(name, 'a'), signal), { code: 'rejected' });
    });
  }

  it('tells a file that is not at the source from the others', async () => {
    await open.mover.submit(anOrder('t1', 'none', 'a'), signal);
    const files = await untilOver(open.mover, 't1');
    assert.deepEqual([causeOf(files.get(0)), files.get(1)], ['absent', HELLO]);
  });

  it('calls a file of another size, or another checksum, corrupt', async () => {
    const wrong = anOrder(
      't1',
      { from: 'a', to: '1', sizeBytes: 6 },
      { from: 'a', to: '2', checksum: 'adler32:00000001' },
      { from: 'a', to: '3', checksum: 'md5:5d41402abc4b2a76b9719d911017c592' },
    );
    await open.mover.submit(wrong, signal);
    const files = await untilOver(open.mover, 't1');
    assert.deepEqual(
      [0, 1, 2].map((index) => causeOf(files.get(index))),
      ['corrupt', 'corrupt', 'moved'],
    );
  });

  it('writes over nothing', async () => {
    await open.writeTarget('to/a', 'theirs');
    await open.mover.submit(anOrder('t1', 'a'), signal);
    assert.equal(causeOf((await untilOver(open.mover, 't1')).get(0)), 'other');
    assert.equal(await open.readTarget('to/a'), 'theirs');
  });

  it('leaves what has ended when it is cancelled, once and again', async () => {
    await open.mover.submit(anOrder('t1', 'a'), signal);
    await untilOver(open.mover, 't1');
    for (const _ of [1, 2]) await open.mover.cancel(['t1', 't-none'], signal);
    assert.deepEqual((await untilOver(open.mover, 't1')).get(0), HELLO);
  });

  it('comes to an end when it is cancelled early, and stays there', async () => {
    await open.mover.submit(anOrder('t1', 'a'), signal);
    await open.mover.cancel(['t1'], signal);
    const files = await untilOver(open.mover, 't1');
    assert.deepEqual(await untilOver(open.mover, 't1'), files);
  });

  it('takes nobody’s word about a transfer that it can see', async () => {
    await open.mover.submit(anOrder('t1', 'a'), signal);
    await open.mover.settle(['t1', 't-none'], signal);
    assert.deepEqual((await untilOver(open.mover, 't1')).get(0), HELLO);
  });

  it('forgets what has ended, once and again, and leaves the files', async () => {
    await open.mover.submit(anOrder('t1', 'a'), signal);
    await untilOver(open.mover, 't1');
    for (const _ of [1, 2]) await open.mover.forget(['t1', 't-none'], signal);
    const seen = await open.mover.observe(['t1'], 0, signal);
    assert.deepEqual([seen.complete, seen.found.size], [true, 0]);
    assert.equal(await open.readTarget('to/a'), 'hello');
  });

  it('gives no answer while it is down', async () => {
    await open.goDown();
    await assert.rejects(open.mover.observe(['t1'], 0, signal), { code: 'unavailable' });
    await assert.rejects(open.mover.submit(anOrder('t1', 'a'), signal), { code: 'unavailable' });
    await open.comeBack();
    assert.equal((await open.mover.observe(['t1'], 0, signal)).complete, true);
  });
}
