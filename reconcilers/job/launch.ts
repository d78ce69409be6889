import { cksumLine } from './cksum.ts';
import { shQuote } from './sh-quote.ts';

/** The names of a submission's script and of the table of its jobs, in its folder. */
export const SCRIPT = 'job.sh';
export const TABLE = 'jobs';

/** How long a job waits for its folder: a file system may show it late to another node. */
const FOLDER_PATIENCE_S = 60;

/**
 * What a batch system is given to run for each job, with the job's index in `$1`: POSIX sh text
 * that proves the submission's folder by its digest and then becomes its script.
 *
 * The folder is not flushed before jobs are submitted. One that a power cut tore, or that holds
 * another submission's files, is told by its digest; the job is void then: it does nothing and
 * exits with `voidCode`, leaving no report.
 */
export function launchText(
  folder: string,
  { script, table }: { readonly script: string; readonly table: string },
  voidCode: number,
): string {
  const digest = [cksumLine(SCRIPT, Buffer.from(script)), cksumLine(TABLE, Buffer.from(table))].join('\n');
  return `folder=${shQuote(folder)} tries=0
void() {
  printf '%s\\n' "rereco: void: $1" >&2
  exit ${voidCode}
}
until [ -f "$folder"/${SCRIPT} ] && [ -f "$folder"/${TABLE} ]; do
  [ "$tries" -lt ${FOLDER_PATIENCE_S} ] || void "$folder does not hold the script and the table of this job"
  tries=$((tries + 1))
  sleep 1
done
[ "$(cd -- "$folder" && cksum ${SCRIPT} ${TABLE})" = ${shQuote(digest)} ] ||
  void "the script or the table in $folder is not what was submitted"
. "$folder"/${SCRIPT}
`;
}
