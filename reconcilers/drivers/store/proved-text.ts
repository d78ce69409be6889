import { quoted } from './quoted.ts';

/**
 * POSIX sh text that fetches and then proves what arrived: `fetch` of `Store.jobCommands`.
 *
 * @param fetching  POSIX sh text that copies the stored file `$3` to `$1`
 */
export function provedText(fetching: string, awkUpToBytes: number): string {
  return `about=\${2:-/dev/null} file=$1 size=$4 known=$5
${fetching} || exit
wrong() { printf '%s\\n' "$1" >"$about"; printf '%s\\n' "$1" >&2; exit 1; }
unproved() { printf '%s\\n' "$1" >"$about"; exit 0; }
if [ -n "$size" ]; then
  bytes=$(wc -c <"$file") || exit
  bytes=$((bytes))
  [ "$bytes" -eq "$size" ] || wrong "the input arrived with $bytes bytes, not $size"
fi
[ -n "$known" ] || unproved 'no checksum of it is known'
case $known in *[A-Z]*) known=$(printf '%s' "$known" | tr 'A-Z' 'a-z') ;; esac
algorithm=\${known%%:*} digits=\${known#*:}
# Two sums without the zeros before them, which some clients drop.
alike() { [ "\${1#"\${1%%[!0]*}"}" = "\${2#"\${2%%[!0]*}"}" ]; }
case $algorithm:$digits in
  *:*[!0-9a-f]* | *:) unproved "nothing on this node computes $5" ;;
  md5:* | sha1:* | sha256:* | sha512:*)
    command -v "\${algorithm}sum" >/dev/null 2>&1 || unproved "this node has no \${algorithm}sum"
    sum=$("\${algorithm}sum" <"$file") || exit
    sum=\${sum%% *}
    ;;
  adler32:*)
    sum=''
    ! command -v xrdadler32 >/dev/null 2>&1 || sum=$(xrdadler32 "$file")
    [ -z "$sum" ] || sum=$(printf '%s\\n' "\${sum%% *}" | tr 'A-F' 'a-f' | sed -n '/^[0-9a-f]\\{1,8\\}$/p')
    if [ -z "$sum" ]; then
      [ -n "$size" ] && [ "$size" -le ${awkUpToBytes} ] ||
        unproved 'its adler32 is left to xrdadler32 (job.awkChecksumUpTo: ${awkUpToBytes} B), which this node has not'
      sum=$(od -An -v -tu1 <"$file" | awk ${quoted(ADLER32)}) || exit
    fi
    ! alike "$sum" "$digits" || sum=$digits
    ;;
  *) unproved "nothing on this node computes $5" ;;
esac
[ "$sum" = "$digits" ] || wrong "the input arrived with $algorithm:$sum, not $known"`;
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
