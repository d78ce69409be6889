/** The words of SQL for what people have waived and for what they have looked at; the alias is s (input states). */

/**
 * An input that is settled by a person's word. One that is tried again, since it was resubmitted,
 * is not until it has failed for good once more.
 */
export const WAIVED = "(s.waiver_id IS NOT NULL AND s.state = 'error' AND s.retry_at_ms IS NULL)";

/** When a person last ended a hold of the dataset `:id`: what failed before has been looked at, and counts no more. */
export const resumedMs = (code: 'held.software' | 'held.failures') =>
  `(SELECT COALESCE(max(ended_ms), 0) FROM holds WHERE dataset_id = :id AND code = '${code}' AND ended = 'resumed')`;

/**
 * The name of a group of alike failures, for people to copy: a letter and a hash of what they have in common.
 *
 * @param row  the alias of a row with dataset, phase, class and signature. @param of  input, output or problem; not given: a column of the row
 */
export const groupId = (row: string, of = `${row}.of`) =>
  `'g' || left(md5(concat_ws('|', ${row}.dataset_id, ${of}, COALESCE(${row}.phase, ''), COALESCE(${row}.class, ''),
    COALESCE(${row}.signature, ''))), 7)`;
