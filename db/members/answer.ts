/** An answer about members, in a table of its own while it is compared, and the hash it is known again by. */
import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import type { Member } from '../../reconcilers/model/records.ts';
import type { DatasetRow } from '../../reconcilers/model/rows.ts';

/** A hash of an answer, read bit by bit, together with the input it is the answer to. */
export function answerDigest() {
  const hash = createHash('sha256');
  return {
    add(members: readonly Member[]): void {
      for (const member of members) hash.update(`${JSON.stringify(member)}\n`);
    },
    of: ({ loaded }: DatasetRow): string => hash.update(loaded.inputDigest).digest('hex'),
  };
}

/** Read an answer into the table `answer`, which goes with the transaction. @returns a hash of it */
export async function stage(
  tx: Knex,
  dataset: DatasetRow,
  answer: AsyncIterable<readonly Member[]>,
): Promise<string> {
  const digest = answerDigest();
  await tx.raw(`CREATE TEMP TABLE answer (name text COLLATE "C", data_tier text, run bigint, size_bytes bigint,
    event_count bigint, checksum text, source_store text, source_path text, modified text) ON COMMIT DROP`);
  for await (const members of answer) {
    digest.add(members);
    await tx.raw(
      `INSERT INTO answer SELECT name, "dataTier", run, "sizeBytes", "eventCount", checksum, "sourceStore", "sourcePath", modified
       FROM jsonb_to_recordset(?::jsonb) AS v(name text, "dataTier" text, run bigint, "sizeBytes" bigint,
         "eventCount" bigint, checksum text, "sourceStore" text, "sourcePath" text, modified text)`,
      [JSON.stringify(members)],
    );
  }
  // Nobody has analyzed the tables it is compared with yet: the planner thinks that they are
  // small, and would read the whole answer for each of their rows.
  await tx.raw('CREATE INDEX ON answer (name)');
  await tx.raw('CREATE INDEX ON answer (source_path)');
  await tx.raw('ANALYZE answer');
  return digest.of(dataset);
}
