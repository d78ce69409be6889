/**
 * The whole life of many files on memory drivers and real records, and of twice as many: the
 * ratio of their times, of which 2 would be linear and more than 2.6 too much.
 *
 *   npm run bench:life [FILES]        10000 and 20000 files where FILES is not given
 */
import { stopTestServer, type TestDatabase, testDatabase } from '../postgres.ts';
import { playLife } from '../size/life.ts';
import { measured } from '../size/work.ts';

/** More than this times as long for twice as many files is no longer about linear. */
const MOST_RATIO = 2.6;

const files = Number(process.argv[2] ?? 10_000);
if (!Number.isInteger(files) || files < 1) {
  process.stderr.write('usage: npm run bench:life [FILES], a whole number of files\n');
  process.exit(2);
}

/** Play a life, print what it took, and return its wall time in seconds. */
async function secondsOf(database: TestDatabase, count: number): Promise<number> {
  const { result: seconds, work } = await measured(database, async (stage) => {
    const from = performance.now();
    const { play } = await playLife(stage, count);
    const took = (performance.now() - from) / 1000;
    await play.close();
    return took;
  });
  const each = (total: number | null) => (total === null ? '?' : (total / count).toFixed(2));
  process.stdout.write(
    `${count} files: ${seconds.toFixed(1)} s; for each file ${each(1000 * seconds)} ms, ` +
      `CPU ${each(work.ourMs)} ms here and ${each(work.serverMs)} ms in the server, ` +
      `${each(work.statements)} statements, ${each(work.rows)} rows, ${each(work.blocks)} blocks\n`,
  );
  return seconds;
}

const server = await testDatabase();
try {
  // Compiled and warm.
  await secondsOf(server, Math.ceil(files / 20));
  const once = await secondsOf(server, files);
  const twice = await secondsOf(server, 2 * files);
  const ratio = twice / once;
  process.stdout.write(`twice the files take ${ratio.toFixed(2)} times as long (at most ${MOST_RATIO})\n`);
  process.exitCode = ratio <= MOST_RATIO ? 0 : 1;
} finally {
  await server.close();
  await stopTestServer();
}
