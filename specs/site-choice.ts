import { filledSite } from './fill.ts';
import type { FilledSite } from './filled.ts';
import { suggestion } from './nearest.ts';
import type { ValidatedSite } from './validate.ts';

/** The site where none is written: a store in the folder of the spec, and this machine. */
export const LOCAL_SITE = 'local';

/** The built-in site: one in which nothing is written, so that every default holds. */
export function builtInSite(): FilledSite {
  return filledSite({ apiVersion: 'rereco/v1', kind: 'Site', metadata: { name: LOCAL_SITE }, spec: {} });
}

/** The site that does a dataset's work. */
export interface SiteChoice {
  /** null: the built-in one, or none. */
  readonly site: ValidatedSite | null;
  /** What stores are looked up in; null where that would only repeat the site's own problems. */
  readonly filled: FilledSite | null;
  /** Why the dataset cannot have a site, or not this one. */
  readonly sentence?: string;
}

/**
 * Choose the site of a dataset: the one it names, else the only one, else the built-in.
 *
 * A site with problems is chosen all the same, and said to be broken: a dataset must not
 * move to the built-in site because of a slip in the spec of its own.
 */
export function choiceOfSite(
  name: string | undefined,
  sites: readonly ValidatedSite[],
  lostSite: string | null,
): SiteChoice {
  const names = [...new Set(sites.map((site) => site.name))];
  if (name === undefined && names.length > 1) {
    return { site: null, filled: null, sentence: `is missing; choose one of ${names.join(', ')}` };
  }
  const site = sites.find((one) => name === undefined || one.name === name);
  if (site !== undefined) return chosen(site);
  if (lostSite !== null) {
    const which =
      name === undefined ? 'which site is meant cannot be said' : `site ${name} is not among those read`;
    return { site: null, filled: null, sentence: `${which}, because ${lostSite} cannot be read` };
  }
  if (name === undefined || name === LOCAL_SITE) return { site: null, filled: builtInSite() };
  return {
    site: null,
    filled: null,
    sentence: `there is no site ${name}; ${suggestion(name, [...names, LOCAL_SITE])}`,
  };
}

function chosen(site: ValidatedSite): SiteChoice {
  const filled = site.whole ? site.filled : null;
  if (site.problems.length === 0) return { site, filled };
  const { file, line } = site.document;
  return { site, filled, sentence: `site ${site.name} has problems of its own (${file}:${line})` };
}
