import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Where and how a worker is started. */
export interface DetachedOptions {
  readonly cwd: string;
  /** What the worker prints is added at the end of this file, which is made when missing. */
  readonly logFile: string;
  /** Added to the starter's own environment. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The URL of a module beside the calling one, in the sources as in the build.
 *
 * The compiler rewrites the extensions of imports, not those of URLs.
 *
 * @param name  without extension, as in `./supervisor`
 * @param besides  the caller's `import.meta.url`
 */
export function moduleBeside(name: string, besides: string): URL {
  return new URL(`${name}${extname(new URL(besides).pathname)}`, besides);
}

/**
 * Start a Node module that outlives this process.
 *
 * It has a session of its own, so that no Ctrl-C and no signal to our group
 * reaches it, reads nothing, and writes to a log file. This process may end
 * without waiting for it.
 *
 * @returns the worker's pid
 * @throws the system's own error when the process or the log file cannot be made
 */
export async function startDetached(
  moduleUrl: URL,
  args: readonly string[],
  options: DetachedOptions,
): Promise<number> {
  const log = openSync(options.logFile, 'a');
  try {
    const child = spawn(process.execPath, [...loaderFlags(moduleUrl), fileURLToPath(moduleUrl), ...args], {
      cwd: options.cwd,
      env: { ...cleanEnvironment(process.env), ...options.env },
      detached: true,
      stdio: ['ignore', log, log],
    });
    await once(child, 'spawn');
    child.unref();
    return child.pid as number; // set whenever 'spawn' was emitted
  } finally {
    closeSync(log);
  }
}

/** The sources need tsx, named by its place: the worker's folder may know nothing of it. */
function loaderFlags(moduleUrl: URL): string[] {
  if (!moduleUrl.pathname.endsWith('.ts')) return [];
  return ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href];
}

/** What a starter was told for itself alone (debuggers, loaders, test runners, a job) is not for a worker. */
function cleanEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours =
    /^(NODE_OPTIONS|NODE_V8_COVERAGE|NODE_CHANNEL_FD|NODE_CHANNEL_SERIALIZATION_MODE|MOCHA_.*|TSX_.*|RERECO_SUBMISSION|RERECO_INDEX)$/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ours.test(name)));
}
