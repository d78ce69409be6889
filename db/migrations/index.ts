import type { Knex } from 'knex';
import * as campaign from './0001-campaign.ts';
import * as gatesAndMembers from './0002-gates-and-members.ts';
import * as places from './0003-places.ts';
import * as scrub from './0004-scrub.ts';
import * as unknownAndAbsence from './0005-unknown-and-absence.ts';
import * as arrivals from './0006-arrivals.ts';
import * as siteSweep from './0007-site-sweep.ts';
import * as inputChecksums from './0008-input-checksums.ts';
import * as passesUnchecked from './0010-passes-unchecked.ts';
import * as holdsAndWaivers from './0011-holds-and-waivers.ts';
import * as failedNodes from './0013-failed-nodes.ts';
import * as superseded from './0014-superseded.ts';

/** One change of the schema; its name stands in the databases it was applied to. */
export interface Migration {
  readonly name: string;
  up(knex: Knex): Promise<void>;
  down(knex: Knex): Promise<void>;
}

/** Every migration, oldest first. Add one at the end; never edit one that was released. */
export const MIGRATIONS: readonly Migration[] = [
  { name: '0001-campaign', up: campaign.up, down: campaign.down },
  { name: '0002-gates-and-members', up: gatesAndMembers.up, down: gatesAndMembers.down },
  { name: '0003-places', up: places.up, down: places.down },
  { name: '0004-scrub', up: scrub.up, down: scrub.down },
  { name: '0005-unknown-and-absence', up: unknownAndAbsence.up, down: unknownAndAbsence.down },
  { name: '0006-arrivals', up: arrivals.up, down: arrivals.down },
  { name: '0007-site-sweep', up: siteSweep.up, down: siteSweep.down },
  { name: '0008-input-checksums', up: inputChecksums.up, down: inputChecksums.down },
  { name: '0010-passes-unchecked', up: passesUnchecked.up, down: passesUnchecked.down },
  { name: '0011-holds-and-waivers', up: holdsAndWaivers.up, down: holdsAndWaivers.down },
  { name: '0013-failed-nodes', up: failedNodes.up, down: failedNodes.down },
  { name: '0014-superseded', up: superseded.up, down: superseded.down },
];

/** Migrations as knex wants them: names of our own, whatever the files are called after the build. */
export function sourceOf(migrations: readonly Migration[]): Knex.MigrationSource<Migration> {
  return {
    getMigrations: () => Promise.resolve([...migrations]),
    getMigrationName: (migration) => migration.name,
    getMigration: (migration) => Promise.resolve(migration),
  };
}
