import type { Knex } from 'knex';
import * as campaign from './0001-campaign.ts';
import * as gatesAndMembers from './0002-gates-and-members.ts';

interface Migration {
  readonly name: string;
  up(knex: Knex): Promise<void>;
  down(knex: Knex): Promise<void>;
}

/** Every migration, oldest first. Add one at the end; never edit one that was released. */
export const MIGRATIONS: readonly Migration[] = [
  { name: '0001-campaign', up: campaign.up, down: campaign.down },
  { name: '0002-gates-and-members', up: gatesAndMembers.up, down: gatesAndMembers.down },
];

/** The list above as knex wants it: names of our own, whatever the files are called after the build. */
export const migrationSource: Knex.MigrationSource<Migration> = {
  getMigrations: () => Promise.resolve([...MIGRATIONS]),
  getMigrationName: (migration) => migration.name,
  getMigration: (migration) => Promise.resolve(migration),
};
