/**
 * A process of its own that uses the embedded server, for tests: `child.ts MODULE UID VERB STATE_DIR`.
 *
 * It prints what it got as a line of JSON. As root it first becomes the user UID, after everything is
 * loaded, so that a clone that user cannot read does not matter. The verb `hold` ensures the server and
 * then stays until it is killed.
 */
import process from 'node:process';

const [module = '', uid = '-', verb = '', stateDir = ''] = process.argv.slice(2);
const server: typeof import('../../../db/server/embedded.ts') = await import(module);
if (uid !== '-') {
  process.setgroups?.([]);
  process.setgid?.(Number(uid));
  process.setuid?.(Number(uid));
}
const calls = {
  ensure: server.ensureServer,
  hold: server.ensureServer,
  stop: server.stopServer,
  remove: server.removeServer,
};
try {
  const got = await calls[verb as keyof typeof calls](stateDir, AbortSignal.timeout(300_000));
  process.stdout.write(`${JSON.stringify({ got })}\n`);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: String(error) })}\n`);
}
if (verb === 'hold') setInterval(() => undefined, 1_000);
