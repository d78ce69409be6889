/**
 * The whole life of many files on memory drivers and real records, and of twice as many: the
 * ratio of their times, of which 2 would be linear and more than 2.6 too much.
 *
 *   npx tsx test/bench/life.ts [FILES]        10000 and 20000 files where FILES is not given
 */
import { aStage, type Stage } from '../decide/play.ts';
import { stopTestServer, testDatabase } from '../postgres.ts';
import { playLife } from '../size/life.ts';

/** More than this times as long for twice as many files is no longer about linear. */
const MOST_RATIO = 2.6;

const files = Number(process.argv[2] ?? 10_000);
if (!Number.isInteger(files) || files < 1) {
  process.stderr.write('usage: npx tsx test/bench/life.ts [FILES], a whole number of files\n');
  process.exit(2);
}

async function secondsOf(stage: Stage, count: number): Promise<number> {
  const from = performance.now();
  const { rounds, play } = await playLife(stage, count);
  const seconds = (performance.now() - from) / 1000;
  await play.close();
  const each = (1000 * seconds) / count;
  process.stdout.write(
    `${count} files: ${seconds.toFixed(1)} s in ${rounds} rounds, ${each.toFixed(2)} ms a file\n`,
  );
  return seconds;
}

const server = await testDatabase();
const stage = await aStage(server);
try {
  await secondsOf(stage, Math.ceil(files / 20));
  const once = await secondsOf(stage, files);
  const twice = await secondsOf(stage, 2 * files);
  const ratio = twice / once;
  process.stdout.write(`twice the files take ${ratio.toFixed(2)} times as long (at most ${MOST_RATIO})\n`);
  process.exitCode = ratio <= MOST_RATIO ? 0 : 1;
} finally {
  await stage.database.close();
  await server.close();
  await stopTestServer();
}
