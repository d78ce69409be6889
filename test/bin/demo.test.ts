import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { anEvent, randomFrom, rawFile } from '../../bin/demo/events.ts';
import { removeServer, serverStatus } from '../../db/server/embedded.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/rereco.mjs', import.meta.url));
const never = new AbortController().signal;

interface Ended {
  readonly code: number;
  readonly out: string;
}

/** The built program, whose errors are printed with the test's when it fails. */
function rereco(cwd: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM, ...args], { cwd }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code ?? -1);
      resolve({ code, out: stdout + stderr });
    });
  });
}

async function filesBelow(folder: string, suffix: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true });
  return entries.filter((entry) => entry.endsWith(suffix) && !entry.startsWith('.rereco')).sort();
}

describe('the demonstration', function () {
  this.timeout(600_000);
  let folder: string;
  let first: Ended;
  const state = () => join(folder, '.rereco', 'demo');

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rereco demo '));
    first = await rereco(folder, 'demo');
  });

  after(async () => {
    await removeServer(state(), never);
    await rm(folder, { recursive: true, force: true });
  });

  it('ends well, with every event accounted for', () => {
    assert.equal(first.code, 0, first.out);
    assert.match(first.out, /^files +24 copied$/m);
    const [, known, read] = /^events +(\d+) = (\d+) read .*: balanced/m.exec(first.out) ?? [];
    assert.ok(Number(known) > 7000, first.out);
    assert.equal(read, known);
  });

  it('recovers from a damaged file and from a reconstruction that died', () => {
    assert.match(first.out, /^came .*attempt 1: 23 accepted, 1 failed; 2: 1 accepted/m);
    assert.match(first.out, /^jobs .*attempt 1: 23 accepted, 1 failed; 2: 1 accepted/m);
  });

  it('keeps raw files and DSTs, sends the TMBs back, and archives the logs', async () => {
    const of = (store: string, suffix: string) => filesBelow(join(state(), store), suffix);
    assert.equal((await of('fermilab', '.raw')).length, 24);
    assert.equal((await of('hpss', '.raw')).length, 24);
    assert.equal((await of('hpss', '.dst')).length, 24);
    assert.equal((await of('tmb', '.tmb')).length, 0);
    assert.equal((await of('fermilab-incoming', '.tmb')).length, 24);
    assert.notEqual((await of('hpss', '.tar')).length, 0);
  });

  it('leaves Fermilab as it should be', () => {
    const raw = join(state(), 'fermilab', 'all_0000195143_002.raw');
    assert.equal(readFileSync(raw, 'utf8'), rawFile(195143, 2).text);
  });

  it('leaves no server behind', async () => {
    assert.equal((await serverStatus(state(), never)).state, 'stopped');
  });

  it('says when it is run again that nothing is left to do', async () => {
    const again = await rereco(folder, 'demo');
    assert.equal(again.code, 0, again.out);
    assert.match(again.out, /nothing is left to do/);
    assert.equal((await serverStatus(state(), never)).state, 'stopped');
  });
});

describe('the events of the demonstration', () => {
  const random = randomFrom(1);
  const events = Array.from({ length: 2000 }, () => anEvent(random));

  it('balance energy and momentum', () => {
    for (const particles of events) {
      for (const axis of ['e', 'x', 'y', 'z'] as const) {
        const balance = particles.reduce((sum, { status, p }) => sum + status * p[axis], 0);
        assert.ok(Math.abs(balance) < 1e-9, `${axis}: ${balance}`);
      }
    }
  });

  it('have muons on their mass shell whose pair has the mass of a Z', () => {
    const masses = events.map((particles) => {
      const muons = particles.filter(({ pdg }) => Math.abs(pdg) === 13);
      for (const { p } of muons) {
        assert.ok(Math.abs(p.e ** 2 - p.x ** 2 - p.y ** 2 - p.z ** 2 - 0.1056584 ** 2) < 1e-6);
      }
      const sum = (axis: 'e' | 'x' | 'y' | 'z') => muons.reduce((total, { p }) => total + p[axis], 0);
      return Math.sqrt(sum('e') ** 2 - sum('x') ** 2 - sum('y') ** 2 - sum('z') ** 2);
    });
    const median = masses.sort((a, b) => a - b)[masses.length / 2] ?? 0;
    assert.ok(Math.abs(median - 91.19) < 0.3, `${median} GeV`);
  });

  it('are the same ones each time', () => {
    assert.deepEqual(rawFile(195142, 1), rawFile(195142, 1));
    assert.notEqual(rawFile(195142, 1).text, rawFile(195142, 2).text);
  });
});
