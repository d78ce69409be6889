/** The words of SQL for an output of which a later processing has made another. */

/** The aliases of the rows that say it. */
export interface OutputAliases {
  /** In output_states. */
  readonly output: string;
  /** In file_details. */
  readonly details: string;
  /** The state of its input, in input_states. */
  readonly input: string;
}

/** Whether an output's input is done under another revision; null where a row is missing. */
export function supersededIn({ output, details, input }: OutputAliases): string {
  return `(${output}.state <> 'lost' AND ${input}.state IN ('done', 'copied') AND ${input}.revision <> ${details}.revision)`;
}
