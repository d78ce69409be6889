import { shFill } from './sh-quote.ts';

/** A command in which the script's variables stand in the place of `{input}` and `{output.KEY}`. */
export function withVariables(command: string, outputs: readonly { readonly key: string }[]): string {
  const variables = new Map([['input', 'RERECO_INPUT']]);
  for (const { key } of outputs) variables.set(`output.${key}`, outputVariable(key));
  return shFill(command, variables);
}

/** The variable in which a command finds the path of an output. */
export function outputVariable(key: string): string {
  return `RERECO_OUTPUT_${key.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
}
