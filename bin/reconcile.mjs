#!/usr/bin/env node
import { existsSync } from 'node:fs';

const built = new URL('../dist/bin/main.js', import.meta.url);
if (!existsSync(built)) {
  console.error('rereco is not built yet: run `npm run build` in its folder');
  process.exit(1);
}
const { main } = await import(built.href);
process.exitCode = await main(['reconcile', ...process.argv.slice(2)]);
