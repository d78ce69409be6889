import type { InputRow, OutputRow, Page } from '../../model/rows.ts';

/** Finds the input of an output of a page. A page of outputs is read with their inputs. */
export function parentsOf({ inputs }: Pick<Page, 'inputs'>): (output: OutputRow) => InputRow {
  const known = new Map(inputs.map((input) => [input.id, input]));
  return ({ inputId, name }) => {
    const input = known.get(inputId);
    if (input === undefined) throw new Error(`the input of ${name} is not on its page; please report`);
    return input;
  };
}
