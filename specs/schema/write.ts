/** Writes `rereco.schema.json` anew from the constants: `npm run schema`. */
import { writeFileSync } from 'node:fs';
import { DOCUMENT } from './document.ts';

writeFileSync(new URL('../rereco.schema.json', import.meta.url), `${JSON.stringify(DOCUMENT, null, 2)}\n`);
