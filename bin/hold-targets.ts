/** From what a person names to what is suspended or resumed: datasets, their phases, a system or a node of a site. */
import { readNodes } from '../db/queries/nodes.ts';
import { PHASES, type Phase } from '../machines/model.ts';
import { endpointsOf } from '../reconcilers/drivers/registry.ts';
import { BATCH, CATALOG, type HoldTarget } from '../reconcilers/model/holds.ts';
import type { DatasetRow } from '../reconcilers/model/rows.ts';
import type { Nodes } from '../reconcilers/ports/batch-system.ts';
import { suggestion } from '../specs/nearest.ts';
import type { SiteSpec } from '../specs/types.ts';
import { UserError } from './failure.ts';
import { datasetsNamed, recordsOf } from './named.ts';
import type { Session } from './session.ts';

/** What a person named. */
export interface Named {
  readonly datasets: readonly string[];
  readonly phases: readonly Phase[];
  readonly system: string | null;
  readonly node: string | null;
  readonly site: string | null;
}

/** Something that can be held. */
export interface Holdable {
  readonly target: HoldTarget;
  /** Its dataset; null for what is a site's. */
  readonly datasetId: number | null;
  /** The datasets that it concerns. */
  readonly concerns: readonly DatasetRow[];
}

/** What was named. @throws UserError for names that are not known, with the one that was meant, and for what does not go together */
export async function holdablesNamed(session: Session, named: Named): Promise<readonly Holdable[]> {
  const { datasets, phases, system, node } = named;
  const ofSite = system ?? node;
  if (ofSite === null) return ofDatasets(session, named);
  if (datasets.length + phases.length > 0 || (system !== null && node !== null)) {
    throw new UserError('name datasets, or --system, or --node: one at a time');
  }
  const rows = await session.records.datasets();
  const site = siteNamed(rows, named.site);
  const concerns = rows.filter(({ loaded }) => loaded.site.name === site.name);
  if (system !== null) refuseUnknown(system, systemsAt(site), `site ${site.name} has no system`);
  else await refuseNode(session, site, ofSite);
  const target = { scope: system === null ? 'node' : 'system', of: site.name, name: ofSite } as const;
  return [{ target, datasetId: null, concerns }];
}

async function ofDatasets(session: Session, { datasets, phases, site }: Named): Promise<readonly Holdable[]> {
  if (datasets.length === 0) throw new UserError('name a dataset, or a --system or --node of a site');
  if (site !== null) throw new UserError('--site goes with --system or --node; a dataset has its own');
  const rows = await datasetsNamed(session, datasets);
  const names = phases.length === 0 ? [''] : PHASES.filter((phase) => phases.includes(phase));
  return rows.flatMap((row) =>
    names.map((name): Holdable => {
      const target = { scope: name === '' ? 'dataset' : 'phase', of: row.name, name } as const;
      return { target, datasetId: row.id, concerns: [row] };
    }),
  );
}

function siteNamed(rows: readonly DatasetRow[], name: string | null): SiteSpec {
  const sites = new Map(rows.map(({ loaded }) => [loaded.site.name, loaded.site]));
  const names = [...sites.keys()].toSorted();
  if (name === null && names.length > 1) {
    throw new UserError(`there are the sites ${names.join(', ')}: say which with --site`);
  }
  if (name !== null) refuseUnknown(name, names, 'there is no site');
  const site = sites.get(name ?? names[0] ?? '');
  if (site === undefined)
    throw new UserError('no site is on record yet: write a spec, then `rereco reconcile`');
  return site;
}

/** The systems of a site, by the names under which they are suspended. */
function systemsAt(site: SiteSpec): readonly string[] {
  return [...Object.keys(site.stores), BATCH, CATALOG, ...endpointsOf(site)];
}

/** A node is known that its batch system is, or on which a job has run. */
async function refuseNode(session: Session, site: SiteSpec, node: string): Promise<void> {
  const nodes = nodesAt(session, site);
  if (nodes.are === 'one') {
    refuseUnknown(node, [nodes.name], `site ${site.name} has no node`);
    return;
  }
  const seen = await readNodes(recordsOf(session), site.name);
  refuseUnknown(node, seen, `no job of site ${site.name} has run on a node`);
  if (nodes.avoidable) return;
  const { driver } = site.batch;
  throw new UserError(
    `${driver} cannot keep jobs off a node; take ${node} out of service in ${driver} itself`,
  );
}

/** The nodes of a site's batch system. */
export function nodesAt(session: Session, site: SiteSpec): Nodes {
  return session.siteOf(site).traits.batch.nodes;
}

function refuseUnknown(name: string, known: readonly string[], sentence: string): void {
  if (!known.includes(name)) throw new UserError(`${sentence} ${name}; ${suggestion(name, known)}`);
}
