#!/usr/bin/env node
// `reconcile …` is `rereco reconcile …`.
process.argv.splice(2, 0, 'reconcile');
await import('./rereco.mjs');
