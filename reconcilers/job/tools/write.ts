/** Writes `x.ts` from each `x.sh` here, so that the build holds it: `npm run tools`. Nothing imports this. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const folder = new URL('.', import.meta.url);
for (const file of readdirSync(folder).filter((name) => name.endsWith('.sh'))) {
  const text = readFileSync(new URL(file, folder), 'utf8').replace(/^# shellcheck .*\n/, '');
  const name = file.slice(0, -'.sh'.length);
  const constant = name.toUpperCase().replaceAll('-', '_');
  const escaped = text.replace(/[\\`]|\$\{/g, (found) => `\\${found}`);
  const module = `/** \`${file}\`, written here by \`npm run tools\`. */\nexport const ${constant} = \`${escaped}\`;\n`;
  writeFileSync(new URL(`${name}.ts`, folder), module);
}
