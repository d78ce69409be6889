/**
 * Monte Carlo events of p p̄ → Z + jet, Z → μ⁺ μ⁻ at 1.96 TeV, as text.
 *
 * The mass follows the Z's Breit-Wigner curve, the transverse momentum falls as
 * a power, the muons leave as 1 + cos²θ in the Z's own frame, one massless jet
 * takes the recoil, and the two partons that collided bring exactly the energy
 * and momentum that leave. A file is a pure function of its run and number.
 */

/** Energy and momentum in GeV. */
export interface FourVector {
  readonly e: number;
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** One particle: its PDG number, and 1 where it leaves the collision, -1 where it enters. */
export interface Particle {
  readonly pdg: number;
  readonly status: 1 | -1;
  readonly p: FourVector;
}

type Random = () => number;

const COLLISION_GEV = 1960;
const Z = { mass: 91.1876, width: 2.4952, lightest: 60, heaviest: 120 } as const;
const MUON_MASS = 0.1056584;
const SEED = 20030412;

/**
 * Numbers from 0 up to 1, the same ones for the same seed.
 *
 * Source: mulberry32 by Tommy Ettinger, public domain.
 */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The text of a raw file and the events in it. */
export function rawFile(run: number, number: number): { readonly text: string; readonly events: number } {
  const random = randomFrom(SEED + run * 1000 + number);
  const events = 300 + Math.floor(random() * 200);
  const lines = [`# p pbar -> Z jet, Z -> mu+ mu-, 1960 GeV; run ${run}, file ${number}`];
  for (let n = 1; n <= events; n++) {
    lines.push(`event ${run} ${n}`, ...anEvent(random).map(lineOf));
  }
  return { text: `${lines.join('\n')}\n`, events };
}

function lineOf({ pdg, status, p }: Particle): string {
  return [pdg, status, ...[p.x, p.y, p.z, p.e].map((value) => value.toFixed(6))].join(' ');
}

/** One collision: two partons in, two muons and a gluon out; what enters equals what leaves. */
export function anEvent(random: Random): readonly Particle[] {
  for (;;) {
    const z = aZ(random);
    const jet = recoil(z, random);
    const [energy, along] = [z.e + jet.e, z.z + jet.z];
    // No parton carries more than its proton.
    if (energy + Math.abs(along) >= COLLISION_GEV) continue;
    const [forward, backward] = [(energy + along) / 2, (energy - along) / 2];
    const [minus, plus] = muons(z, random);
    return [
      { pdg: 2, status: -1, p: { e: forward, x: 0, y: 0, z: forward } },
      { pdg: -2, status: -1, p: { e: backward, x: 0, y: 0, z: -backward } },
      { pdg: 13, status: 1, p: minus },
      { pdg: -13, status: 1, p: plus },
      { pdg: 21, status: 1, p: jet },
    ];
  }
}

function aZ(random: Random): FourVector {
  const low = Math.atan((2 * (Z.lightest - Z.mass)) / Z.width);
  const high = Math.atan((2 * (Z.heaviest - Z.mass)) / Z.width);
  const mass = Z.mass + (Z.width / 2) * Math.tan(low + random() * (high - low));
  // dN/dpt² falls as (1 + pt²/p0²)^-2.6 with p0 = 9 GeV.
  const transverse = 9 * Math.sqrt((1 - random()) ** (-1 / 1.6) - 1);
  const azimuth = 2 * Math.PI * random();
  const rapidity = 0.9 * normal(random);
  const transverseMass = Math.hypot(mass, transverse);
  return {
    e: transverseMass * Math.cosh(rapidity),
    x: transverse * Math.cos(azimuth),
    y: transverse * Math.sin(azimuth),
    z: transverseMass * Math.sinh(rapidity),
  };
}

function recoil(z: FourVector, random: Random): FourVector {
  const rapidity = 1.2 * normal(random);
  const transverse = Math.hypot(z.x, z.y);
  return {
    e: transverse * Math.cosh(rapidity),
    x: -z.x,
    y: -z.y,
    z: transverse * Math.sinh(rapidity),
  };
}

/** The two muons of a Z, back to back in its own frame. */
function muons(z: FourVector, random: Random): readonly [FourVector, FourVector] {
  const mass = invariantMass(z);
  const momentum = Math.sqrt((mass / 2) ** 2 - MUON_MASS ** 2);
  const cosine = polarCosine(random);
  const sine = Math.sqrt(1 - cosine ** 2);
  const azimuth = 2 * Math.PI * random();
  const x = momentum * sine * Math.cos(azimuth);
  const y = momentum * sine * Math.sin(azimuth);
  const minus = boosted({ e: mass / 2, x, y, z: momentum * cosine }, z, mass);
  return [minus, { e: z.e - minus.e, x: z.x - minus.x, y: z.y - minus.y, z: z.z - minus.z }];
}

/** Distributed as 1 + cos²θ. */
function polarCosine(random: Random): number {
  for (;;) {
    const cosine = 2 * random() - 1;
    if (2 * random() <= 1 + cosine ** 2) return cosine;
  }
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A vector given in the frame of a moving particle, seen from where that particle moves. */
function boosted(p: FourVector, frame: FourVector, mass: number): FourVector {
  const along = (p.x * frame.x + p.y * frame.y + p.z * frame.z) / mass;
  const share = along / (frame.e + mass) + p.e / mass;
  return {
    e: (p.e * frame.e) / mass + along,
    x: p.x + share * frame.x,
    y: p.y + share * frame.y,
    z: p.z + share * frame.z,
  };
}

function invariantMass({ e, x, y, z }: FourVector): number {
  return Math.sqrt(Math.max(0, e ** 2 - x ** 2 - y ** 2 - z ** 2));
}
