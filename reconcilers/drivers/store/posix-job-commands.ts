import type { StorePath } from '../../../machines/model.ts';
import type { Store } from '../../ports/store.ts';
import { TEMPORARY_PREFIX } from './durable.ts';
import { provedText } from './proved-text.ts';
import { quoted } from './quoted.ts';
import { missingRoot, pathInside, type Root } from './root.ts';

/** How a job on a worker node that sees the same folder reads and writes it. */
export function posixJobCommands(root: Root): Store['jobCommands'] {
  const inside = `${quoted(root.folder)}/`;
  return {
    fetch: (awkUpToBytes) => provedText(`cp -- ${inside}"$3" "$1"`, awkUpToBytes),
    deliver: (mark) => deliverText(root, inside, mark),
    place(path) {
      pathInside(root, path);
      return path;
    },
  };
}

/**
 * `ln` replaces nothing; where there are no hard links, noclobber does the same
 * for the bytes themselves. Other nodes write beside: a pid alone is no name.
 *
 * Folders are made from within the root, so that a root that goes away is not
 * made anew; without the mark it is the empty folder below a disk that is away.
 *
 * The file and its name are flushed together, at the end: until then nobody is told of them.
 */
function deliverText(root: Root, inside: string, mark: StorePath | undefined): string {
  const lost = `${root.what}: ${mark} is not there; is another disk mounted at ${root.folder}, or none?`;
  const marked = mark === undefined ? '' : `\n[ -e ./${quoted(mark)} ] || wrong ${quoted(lost)}`;
  const what = quoted(`${root.what}: `);
  return `to=${inside}$2
folder=\${to%/*}
temporary=$folder/${TEMPORARY_PREFIX}\${node:-$(uname -n)}-$$
wrong() { printf '%s\\n' "$1" >&2; exit 1; }
flush() { sync -- "$@" 2>/dev/null || sync; }
cd -- ${quoted(root.folder)} 2>/dev/null || wrong ${quoted(missingRoot(root))}${marked}
case $2 in */*) [ -d ./"\${2%/*}" ] || mkdir -p -- ./"\${2%/*}" || exit 1 ;; esac
if ! cp -- "$1" "$temporary" || ! cmp -s -- "$1" "$temporary"; then
  rm -f -- "$temporary"
  wrong ${what}"cannot write $2"
fi
if [ ! -e "$to" ] && [ ! -L "$to" ] && ln -- "$temporary" "$to" 2>/dev/null; then
  rm -f -- "$temporary"
else
  [ -e "$to" ] || [ -L "$to" ] || ( set -C; cat <"$temporary" >"$to" )
  rm -f -- "$temporary"
  cmp -s -- "$1" "$to" || wrong ${what}"$2 holds other bytes already"
fi
flush "$to" "$folder"`;
}
