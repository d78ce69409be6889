/**
 * Turns `CREATE TABLE` and `CREATE VIEW` text, in which every column's line
 * ends in `-- what it is`, into itself and the `COMMENT ON` statements, so that
 * a column and its comment are written side by side and neither is forgotten.
 *
 * The first line of a block is `-- what the table is`, the next the CREATE.
 *
 * @throws Error when a column has no comment
 */
export function commented(blocks: string): string {
  return blocks
    .split(/\n\s*\n/)
    .map((block) => block.trim())
    .filter((block) => block !== '')
    .map((block) => (/^-- /.test(block) ? `${block}\n${comments(block)}` : block))
    .join('\n');
}

const CREATE = /^CREATE (?:UNLOGGED |OR REPLACE )?(TABLE|VIEW) (\w+)/m;
const COLUMN = /^ {2}(?:.* AS )?([a-z][a-z0-9_]*)\b.*?,? +-- (.+)$/;

function comments(block: string): string {
  const [, kind, name] = CREATE.exec(block) ?? [];
  if (kind === undefined) throw new Error(`no CREATE TABLE or VIEW in: ${block.slice(0, 60)}`);

  const [first, ...lines] = block.split('\n');
  const about = `COMMENT ON ${kind} ${name} IS ${quoted(first?.slice(3) ?? '')};`;
  const end = lines.findIndex((line) => line.startsWith(')'));
  const columns = lines
    .slice(0, end)
    .filter((line) => /^ {2}[a-z(]/.test(line))
    .map((line) => {
      const [, column, text] = COLUMN.exec(line) ?? [];
      if (column === undefined || text === undefined) throw new Error(`no comment on: ${name}: ${line}`);
      return `COMMENT ON COLUMN ${name}.${column} IS ${quoted(text)};`;
    });
  return [about, ...columns].join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
