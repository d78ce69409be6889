/** Watches a folder of specs and prints a line for each thing it is told, until it is killed. */
import { watchSpecs } from '../../specs/watch.ts';

const tell = (what: string) => process.stdout.write(`${what}\n`);
await watchSpecs(
  [process.argv[2] ?? '.'],
  (files) => tell(`changed ${files.join(' ')}`),
  new AbortController().signal,
  [],
  (error) => tell(`refused ${error instanceof Error ? error.message : error}`),
);
tell('ready');
