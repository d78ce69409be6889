/**
 * The demonstration's reconstruction: `node reconstruct.mjs RAW DST TMB`.
 *
 * Reads every event, checks that its momentum balances, finds the muons, and
 * computes the mass of their pair. The DST has all of it, the TMB a line of the
 * essentials. It is copied beside the specs and run from there, so it imports
 * nothing of the project.
 *
 * Where `$DIES_ONCE` names a file that exists, it removes that file halfway
 * through and kills itself: the machine it ran on lost its power.
 */
import { appendFileSync, closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename } from 'node:path';

interface Particle {
  readonly pdg: number;
  readonly status: number;
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly e: number;
}

interface RawEvent {
  readonly run: number;
  readonly number: number;
  readonly particles: readonly Particle[];
}

/** GeV; the raw file keeps six digits of each of five particles. */
const BALANCE_GEV = 1e-4;

const [raw, dst, tmb] = process.argv.slice(2);
if (!raw || !dst || !tmb) throw new Error('usage: reconstruct RAW DST TMB');
reconstruct(raw, dst, tmb);

function reconstruct(rawFile: string, dstFile: string, tmbFile: string): void {
  const events = readEvents(readFileSync(rawFile, 'utf8'));
  const outputs = [openSync(dstFile, 'w'), openSync(tmbFile, 'w')] as const;
  let written = 0;
  for (const [index, event] of events.entries()) {
    if (index === Math.floor(events.length / 2)) dieOnce(process.env.DIES_ONCE);
    const { full, short } = reconstructed(event);
    writeSync(outputs[0], full);
    writeSync(outputs[1], short);
    written += 1;
  }
  for (const output of outputs) closeSync(output);

  for (const file of [dstFile, tmbFile]) describe(file, written, basename(rawFile));
  const report = `read ${events.length}\nwritten dst ${written}\nwritten tmb ${written}\n`;
  appendFileSync(process.env.RERECO_EVENTS ?? '/dev/null', report);
  console.log(`read ${events.length} events`);
}

function readEvents(text: string): readonly RawEvent[] {
  return text
    .split(/^event /m)
    .slice(1)
    .map((block) => {
      const [head, ...rest] = block.trim().split('\n');
      const [run = Number.NaN, number = Number.NaN] = numbers(head ?? '');
      return { run, number, particles: rest.map(particle) };
    });
}

function particle(line: string): Particle {
  const [pdg, status, x, y, z, e] = numbers(line);
  if (pdg === undefined || status === undefined || x === undefined || y === undefined) throw unreadable(line);
  if (z === undefined || e === undefined) throw unreadable(line);
  return { pdg, status, x, y, z, e };
}

function numbers(line: string): readonly number[] {
  const found = line.split(' ').map(Number);
  if (found.some(Number.isNaN)) throw unreadable(line);
  return found;
}

function unreadable(line: string): Error {
  return new Error(`this line is no particle and no event: ${line}`);
}

function reconstructed({ run, number, particles }: RawEvent) {
  const leaving = particles.filter(({ status }) => status === 1);
  const entering = particles.filter(({ status }) => status === -1);
  const [out, into] = [sum(leaving), sum(entering)];
  const missing = Math.hypot(out.x - into.x, out.y - into.y, out.z - into.z, out.e - into.e);
  if (missing > BALANCE_GEV) throw new Error(`event ${run} ${number} does not balance: ${missing} GeV`);

  const muons = leaving.filter(({ pdg }) => Math.abs(pdg) === 13);
  const pair = sum(muons);
  const mass = Math.sqrt(Math.max(0, pair.e ** 2 - pair.x ** 2 - pair.y ** 2 - pair.z ** 2));
  const transverse = Math.hypot(pair.x, pair.y);
  const rapidity = 0.5 * Math.log((pair.e + pair.z) / (pair.e - pair.z));
  const essentials = `${run} ${number} mass=${mass.toFixed(3)} pt=${transverse.toFixed(3)}`;
  const tracks = muons.map((muon) => `  muon ${muon.pdg < 0 ? '+' : '-'} ${track(muon)}\n`).join('');
  return {
    full: `event ${essentials} y=${rapidity.toFixed(4)} missing=${missing.toExponential(1)}\n${tracks}`,
    short: `${essentials}\n`,
  };
}

function track({ x, y, z }: Particle): string {
  const transverse = Math.hypot(x, y);
  const eta = Math.asinh(z / transverse);
  return `pt=${transverse.toFixed(4)} eta=${eta.toFixed(4)} phi=${Math.atan2(y, x).toFixed(4)}`;
}

function sum(particles: readonly Particle[]): Omit<Particle, 'pdg' | 'status'> {
  const add = (axis: 'x' | 'y' | 'z' | 'e') => particles.reduce((total, one) => total + one[axis], 0);
  return { x: add('x'), y: add('y'), z: add('z'), e: add('e') };
}

function describe(file: string, events: number, parent: string): void {
  const metadata = {
    file_name: basename(file),
    file_size: statSync(file).size,
    event_count: events,
    parents: [parent],
  };
  const handle = openSync(`${file}.meta.json`, 'w');
  writeSync(handle, `${JSON.stringify(metadata)}\n`);
  closeSync(handle);
}

function dieOnce(marker: string | undefined): void {
  if (marker === undefined) return;
  try {
    // Only one process can remove it: only one dies.
    rmSync(marker);
  } catch {
    return;
  }
  process.kill(process.pid, 'SIGKILL');
}
