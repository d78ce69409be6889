import type { ExpectedInput } from '../../ports/store.ts';
import { quoted } from './quoted.ts';

/** What computes each hash on a worker node; all of them are of coreutils, and of busybox. */
const TOOLS: ReadonlyMap<string, string> = new Map(
  ['md5', 'sha1', 'sha256', 'sha512'].map((algorithm) => [algorithm, `${algorithm}sum`]),
);

/**
 * POSIX sh text that fetches and then proves what arrived: `fetch` of `Store.jobCommands`.
 *
 * @param fetching  POSIX sh text that copies the stored file to `$1`
 */
export function provedText(fetching: string, expected: ExpectedInput): string {
  return `(
  about=\${2:-/dev/null}
  ${fetching} || exit
  wrong() { printf '%s\\n' "$1" >"$about"; printf '%s\\n' "$1" >&2; exit 1; }
  unproved() { printf '%s\\n' "$1" >"$about"; exit 0; }
${[...sizeLines(expected), ...checksumLines(expected)].map((line) => `  ${line}`).join('\n')}
)`;
}

function sizeLines({ sizeBytes }: ExpectedInput): readonly string[] {
  if (sizeBytes === null) return [];
  return [
    'bytes=$(wc -c <"$1") || exit',
    `[ "$((bytes))" -eq ${sizeBytes} ] || wrong "the input arrived with $((bytes)) bytes, not ${sizeBytes}"`,
  ];
}

function checksumLines(expected: ExpectedInput): readonly string[] {
  if (expected.checksum === null) return [`unproved 'no checksum of it is known'`];
  const [algorithm = '', digits = ''] = expected.checksum.toLowerCase().split(':');
  if (algorithm === 'adler32') return adlerLines(expected, digits);
  const tool = TOOLS.get(algorithm);
  if (tool === undefined || !/^[0-9a-f]+$/.test(digits)) {
    return [`unproved ${quoted(`nothing on this node computes ${expected.checksum}`)}`];
  }
  return [
    `command -v ${tool} >/dev/null 2>&1 || unproved 'this node has no ${tool}'`,
    `sum=$(${tool} <"$1") || exit`,
    `sum=\${sum%% *}`,
    `[ "$sum" = ${digits} ] || wrong "the input arrived with ${algorithm}:$sum, not ${algorithm}:${digits}"`,
  ];
}

/** The client of XRootD drops no zeros, but others do: both sums are compared without them. */
function adlerLines({ sizeBytes, awkUpToBytes }: ExpectedInput, digits: string): readonly string[] {
  const byAwk = sizeBytes !== null && sizeBytes <= awkUpToBytes;
  const plain = digits.padStart(8, '0');
  return [
    'sum=',
    '! command -v xrdadler32 >/dev/null 2>&1 || sum=$(xrdadler32 "$1")',
    `sum=$(printf '%s\\n' "\${sum%% *}" | tr 'A-F' 'a-f' | sed -n '/^[0-9a-f]\\{1,8\\}$/p')`,
    byAwk
      ? `[ -n "$sum" ] || sum=$(od -An -v -tu1 <"$1" | awk ${quoted(ADLER32)}) || exit`
      : `[ -n "$sum" ] || unproved 'its adler32 is left to xrdadler32 (job.awkChecksumUpTo: ${awkUpToBytes} B), which this node has not'`,
    `[ "$(printf '%8s' "$sum" | tr ' ' 0)" = ${plain} ] || wrong "the input arrived with adler32:$sum, not adler32:${plain}"`,
  ];
}

/**
 * An adler32 in awk, from the bytes that od prints. A number of awk is exact up to 2^53,
 * which the sums stay far below in so many lines of sixteen bytes.
 */
const ADLER32 = `
    BEGIN { low = 1; high = 0 }
    { for (i = 1; i <= NF; i++) { low += $i; high += low } }
    NR % 16384 == 0 { low %= 65521; high %= 65521 }
    END { printf "%04x%04x", high % 65521, low % 65521 }`;
