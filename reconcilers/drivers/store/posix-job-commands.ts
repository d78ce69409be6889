import { dirname } from 'node:path';
import type { StorePath } from '../../../machines/model.ts';
import type { Store } from '../../ports/store.ts';
import { ADLER32_SEED, adler32, adler32Hex } from './adler32.ts';
import { TEMPORARY_PREFIX } from './durable.ts';
import { provedText } from './proved-text.ts';
import { quoted } from './quoted.ts';
import { missingRoot, pathInside, type Root } from './root.ts';

/** How a job on a worker node that sees the same folder reads and writes it. */
export function posixJobCommands(root: Root): Store['jobCommands'] {
  return {
    fetch: (path, expected) => provedText(`cp -- ${quoted(pathInside(root, path))} "$1"`, expected),
    deliver: (path, mark) => deliverText(root, path, mark),
  };
}

/**
 * A subshell, so that it can end early inside a function as in a script.
 *
 * `ln` replaces nothing; where there are no hard links, noclobber does the same
 * for the bytes themselves. Other nodes write beside: a pid alone is no name.
 *
 * Folders are made from within the root, so that a root that goes away is not
 * made anew; without the mark it is the empty folder below a disk that is away.
 */
function deliverText(root: Root, path: StorePath, mark: StorePath | undefined): string {
  const to = pathInside(root, path);
  const folder = dirname(to);
  const sum = adler32Hex(adler32(ADLER32_SEED, Buffer.from(path)));
  const lost = `${root.what}: ${mark} is not there; is another disk mounted at ${root.folder}, or none?`;
  const marked = mark === undefined ? '' : `\n    [ -e ./${quoted(mark)} ] || ${failing(lost)}`;
  const taken = `${root.what}: ${path} holds other bytes already`;
  return `(
  to=${quoted(to)}
  folder=${quoted(folder)}
  temporary="$folder"/${TEMPORARY_PREFIX}${sum}-"$(uname -n)-$$"
  flush() { sync -- "$1" 2>/dev/null || sync; }
  (
    cd -- ${quoted(root.folder)} 2>/dev/null || ${failing(missingRoot(root))}${marked}
    mkdir -p -- ./${quoted(dirname(path))}
  ) || exit 1
  if cp -- "$1" "$temporary" && flush "$temporary" && cmp -s -- "$1" "$temporary"; then
    [ -e "$to" ] || [ -L "$to" ] || ln -- "$temporary" "$to" 2>/dev/null ||
      { [ -e "$to" ] || [ -L "$to" ]; } ||
      { ( set -C; cat < "$temporary" > "$to" ) && flush "$to"; }
    rm -f -- "$temporary"
  else
    rm -f -- "$temporary"
    printf '%s\\n' ${quoted(`${root.what}: cannot write ${path}`)} >&2
    exit 1
  fi
  cmp -s -- "$1" "$to" || { printf '%s\\n' ${quoted(taken)} >&2; exit 1; }
  flush "$folder"
)`;
}

/** Shell words that end a job's step with a sentence. */
function failing(sentence: string): string {
  return `{ printf '%s\\n' ${quoted(sentence)} >&2; exit 1; }`;
}
