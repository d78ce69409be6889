/** What a dataset's source is: a file, or the same file in another checkout of its repository. */
import type { Checkout, SpecOrigin } from '../../../specs/types.ts';

/** `isSameSource` says whether two specs were read from one source. */
export function isSameSource(one: SpecOrigin, other: SpecOrigin): boolean {
  if (one.file === other.file) return true;
  const { repository = null, path = null } = one;
  return repository !== null && path !== null && repository === other.repository && path === other.path;
}

/** `filesOf` lists where a spec's file is or would be: where it was read last, and in each of some checkouts. */
export function filesOf(
  { file, repository = null, path = null }: SpecOrigin,
  checkouts: readonly Checkout[],
): readonly string[] {
  if (repository === null || path === null) return [file];
  const others = checkouts.filter((one) => one.repository === repository);
  return [...new Set([file, ...others.map(({ root }) => `${root}/${path}`)])];
}
