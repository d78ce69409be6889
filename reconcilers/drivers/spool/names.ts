/** The name of a job's log: what its script and its command print. */
export function stdoutName(index: number): string {
  return `job-${index}.out`;
}

/** The name of the file for what is said of a job outside of its script. */
export function stderrName(index: number): string {
  return `job-${index}.err`;
}

/** The name under which a job leaves its report, by rename. */
export function reportName(index: number): string {
  return `report-${index}.json`;
}

/** Marks a folder whose reports must not be read any more, those still to come included. */
export const DISCARDED = 'reports-discarded';
