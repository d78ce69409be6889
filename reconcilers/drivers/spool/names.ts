/** The name of a job's script in its submission's folder. */
export function scriptName(index: number): string {
  return `job-${index}.sh`;
}

/** The name of the file that takes a job's standard output. */
export function stdoutName(index: number): string {
  return `job-${index}.out`;
}

/** The name of the file that takes a job's standard error. */
export function stderrName(index: number): string {
  return `job-${index}.err`;
}

/** The name under which a job leaves its report, by rename. */
export function reportName(index: number): string {
  return `report-${index}.json`;
}

/** Marks a folder whose reports must not be read any more, those still to come included. */
export const DISCARDED = 'reports-discarded';
