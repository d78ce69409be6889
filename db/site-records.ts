/** The installation, the places it has marked, and the health of outside systems. */

import type { Knex } from 'knex';
import type { SiteRecords } from '../reconcilers/model/records.ts';
import { readClock } from './clock.ts';

const HEALTH_EVERY_MS = 60_000;

/** What is remembered of a site, and of the installation itself. */
export function siteRecords(knex: Knex): SiteRecords {
  return {
    now: () => readClock(knex),

    async installation() {
      return await knex('installation').first('id', 'serial');
    },

    async markedPlaces(site) {
      return new Set(await knex('marked_places').where({ site }).pluck('place'));
    },

    async noteMarked(site, places, now) {
      const rows = places.map((place) => ({ site, place, since_ms: now }));
      await knex('marked_places').insert(rows).onConflict(['site', 'place']).ignore();
    },

    async raiseSerial(serial) {
      await knex.raw('UPDATE installation SET serial = GREATEST(serial, ?)', [serial]);
    },

    async health(site, name, problem, now) {
      await knex.raw(
        `INSERT INTO systems AS s (site, name, healthy, message, since_ms, seen_ms)
         VALUES (:site, :name, :healthy, CAST(:problem AS text), :now, :now)
         ON CONFLICT (site, name) DO UPDATE SET healthy = EXCLUDED.healthy, message = EXCLUDED.message, seen_ms = EXCLUDED.seen_ms,
           since_ms = CASE WHEN s.healthy = EXCLUDED.healthy THEN s.since_ms ELSE EXCLUDED.since_ms END
         WHERE s.healthy <> EXCLUDED.healthy OR s.seen_ms <= EXCLUDED.seen_ms - ${HEALTH_EVERY_MS}`,
        { site, name, healthy: problem === null, problem, now },
      );
    },

    async answered(site, names, now) {
      await knex('systems')
        .where({ site, healthy: false })
        .whereIn('name', [...names])
        .update({ healthy: true, message: null, since_ms: now, seen_ms: now });
    },
  };
}
