/**
 * How a command ends that is told to: the first signal asks it to stop, the second
 * ends it at once, and nothing that does not let go holds it for ever.
 *
 * Ending at any moment is safe: whatever was begun is on record, and found by its name.
 */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** A signal so soon after the first is the same one: `timeout` and a terminal send it to the group as well. */
const SAME_SIGNAL_MS = 1_000;

/** The longest a command may take to stop: a store that hangs does not answer its abort either. */
const STOPPING_MS = 30_000;

/** The longest that connections and processes of a command that is done may take to let go. */
const LETTING_GO_MS = 10_000;

/** What the first signal aborts. */
export interface Stopping {
  readonly signal: AbortSignal;
  /** From now on a signal ends the process at once. */
  close(): void;
}

/** Listen for the signals that ask the process to stop. */
export function listenForSignals(): Stopping {
  const stop = new AbortController();
  let firstMs: number | undefined;
  const close = () => {
    for (const name of SIGNALS) process.off(name, onSignal);
  };
  function onSignal(name: NodeJS.Signals): void {
    if (firstMs !== undefined) {
      if (performance.now() - firstMs < SAME_SIGNAL_MS) return;
      close();
      process.kill(process.pid, name);
      return;
    }
    firstMs = performance.now();
    stop.abort(new Error('stopped by a signal'));
    setTimeout(() => {
      process.stderr.write('rereco: something does not let go; ended all the same, the next pass finds it\n');
      close();
      // Not process.exit, which waits for threads that hang in a file system.
      process.kill(process.pid, name);
    }, STOPPING_MS).unref();
  }
  for (const name of SIGNALS) process.on(name, onSignal);
  return { signal: stop.signal, close };
}

/** Leave Ctrl-C to a program that has the terminal, and means something else by it. */
export function leaveInterrupts(): void {
  process.removeAllListeners('SIGINT');
  process.on('SIGINT', () => undefined);
}

/** Let the process go on to its end when the reader of what it prints has gone, as `| head` goes. */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

/** End the process by itself, and all the same where something of it was not closed. */
export function endWith(code: number): void {
  process.exitCode = code;
  setTimeout(() => {
    process.stderr.write('rereco: something was left open; ended all the same, please report\n');
    process.exit();
  }, LETTING_GO_MS).unref();
}
