/** The members of datasets: what names them, where they come from. */

import type { Knex } from 'knex';
import type { MemberRecords } from '../reconcilers/model/records.ts';
import { readArrivals } from './members/arrivals.ts';
import { readDescents, writeOrigins } from './members/descent.ts';
import { namesInPlace } from './members/problems.ts';
import { namesToFollow } from './members/sources.ts';
import { correctMembers, knownAmong, noteChanged, reconcileMembers } from './members.ts';

/** What is remembered of members. @param holder  who writes, for people */
export function memberRecords(knex: Knex, holder: string): MemberRecords {
  return {
    members: (dataset, ask, how) => reconcileMembers(knex, dataset, ask, how, holder),
    inPlace: (dataset) => namesInPlace(knex, dataset),
    noteChanged: (dataset, answer, now) => noteChanged(knex, dataset, answer, now),
    namesToFollow: (dataset) => namesToFollow(knex, dataset),
    correct: (dataset, answer, now) => correctMembers(knex, dataset, answer, { now, holder }),
    arrivals: (dataset) => readArrivals(knex, dataset),
    knownAmong: (dataset, names) => knownAmong(knex, dataset, names),
    descents: (dataset, members) => readDescents(knex, dataset, members),
    noteOrigins: (dataset, madeFrom) => writeOrigins(knex, dataset, madeFrom),
  };
}
