#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';

const built = new URL('../dist/bin/main.js', import.meta.url);
if (!existsSync(built)) {
  console.error('rereco is not built yet: run `npm run build` in its folder');
  process.exit(1);
}
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const { main, endWith } = await import(built.href);
endWith(await main(process.argv.slice(2), version));
