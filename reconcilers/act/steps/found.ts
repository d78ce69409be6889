import { DriverError } from '../../ports/errors.ts';

/** A store or mover by name; a spec may name one that a changed site no longer has. */
export function found<T>(among: ReadonlyMap<string, T>, name: string, what: string): T {
  const thing = among.get(name);
  if (thing === undefined) throw new DriverError('forbidden', `the site has no ${what} ${name} any more`);
  return thing;
}
