/**
 * One word of POSIX sh that stands for exactly this text, whatever is in it.
 *
 * Plain words stay as they are, so that scripts can be read. A NUL cannot be in
 * a shell's word, nor in any path; it must not be in the text.
 */
export function shQuote(text: string): string {
  if (/^[A-Za-z0-9_./:@%+,-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * Put shell variables in the place of `{placeholders}` in a command written by a person.
 *
 * A variable's value stays one word wherever its placeholder stands: bare, in
 * double quotes or in single quotes. Comments and `\{` are left alone.
 *
 * @param variables  names of shell variables by placeholder; others are left alone
 */
export function shFill(command: string, variables: ReadonlyMap<string, string>): string {
  const fill = (text: string, word: (variable: string) => string) =>
    text.replace(ESCAPE_OR_PLACEHOLDER, (found) => {
      const variable = variables.get(found.slice(1, -1));
      return variable === undefined || found.startsWith('\\') ? found : word(`\${${variable}}`);
    });
  return command.replace(SHELL_PIECE, (piece) => {
    if (piece.startsWith("'")) return fill(piece, (variable) => `'"${variable}"'`);
    if (piece.startsWith('"')) return fill(piece, (variable) => variable);
    return piece.startsWith('{') ? fill(piece, (variable) => `"${variable}"`) : piece;
  });
}

const ESCAPE_OR_PLACEHOLDER = /\\[\s\S]|\{[\w.-]+\}/g;

/** An escaped character, a quoted text, a comment, a placeholder: each hides what the others look for. */
const SHELL_PIECE = /\\[\s\S]|'[^']*'?|"(?:\\[\s\S]|[^"\\])*"?|(?<=^|[\s;&|(])#.*|\{[\w.-]+\}/g;
