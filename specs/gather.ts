/** Changes closer together than this are one: editors write, rename and touch. */
const SETTLED_MS = 250;

/** A stream of changes is told of at least this often, or it would never be. */
const PATIENCE_MS = 1_000;

/** Changed files, told together once none has come for a moment. */
export interface Gathering {
  readonly add: (file: string) => void;
  readonly stop: () => void;
}

/** Gather changed files, and tell of them in the order of their names. */
export function gather(onChange: (changedFiles: readonly string[]) => void): Gathering {
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let since = 0;
  let isOver = false;
  const tell = () => {
    const files = [...changed].sort();
    changed.clear();
    onChange(files);
  };
  return {
    add(file) {
      if (isOver) return;
      if (changed.size === 0) since = performance.now();
      changed.add(file);
      clearTimeout(timer);
      const left = since + PATIENCE_MS - performance.now();
      timer = setTimeout(tell, Math.max(0, Math.min(SETTLED_MS, left)));
    },
    stop() {
      isOver = true;
      clearTimeout(timer);
      changed.clear();
    },
  };
}
