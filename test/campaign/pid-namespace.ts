/** Running the program in a PID namespace of its own, as a container does. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Goes before a command; the namespace ends with it. */
export const IN_NAMESPACE = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'] as const;

/** Skip a test, saying why, where this system lets nobody make a PID namespace. */
export async function needsNamespace(test: Mocha.Context): Promise<void> {
  const [command, ...args] = IN_NAMESPACE;
  try {
    await promisify(execFile)(command, [...args, 'true']);
  } catch {
    console.log('      skipped: this system lets nobody make a PID namespace (unshare --pid)');
    test.skip();
  }
}
