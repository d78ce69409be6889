/**
 * The part of a job script that is the same in every job: POSIX sh functions
 * that keep the books of one input after the other. They use nothing but what
 * POSIX has, and run in the C locale: bytes, which no locale of the node can change.
 *
 * Variables: $job the job's folder, $box the input's folder in it, $in the input,
 * $run the folder the command runs in, $log what it printed, $part the report
 * while it is being written.
 */
export const JOB_SCRIPT_TOOLS = String.raw`
child=
first_code=0
failures=0
files=0

# Give the command the locale this script was begun with; everything else runs in the C locale.
own_locale() {
  if [ "$locale_known" = yes ]; then export LC_ALL="$locale"; else unset LC_ALL; fi
}

# Run a function beside this shell and wait for it, so that a TERM is heard at once.
attend() {
  "$@" 3>&- &
  child=$!
  wait "$child"
  set -- "$?"
  child=
  return "$1"
}

# On TERM: tell everything this job started, show what it printed, leave no report.
stop() {
  trap '' TERM
  if [ "$(ps -o pgid= -p "$$" 2>/dev/null | tr -d ' ')" = "$$" ]; then
    kill -TERM 0
  elif [ -n "$child" ]; then
    kill -TERM "$child"
  fi
  [ -z "$child" ] || wait "$child"
  [ ! -s "$log" ] || cat "$log" >&3
  rm -rf "$job" "$part"
  trap - TERM
  kill -TERM "$$"
}

# Standard input as JSON, in plain ASCII: one string, or with "lines" one string a line.
# What is not UTF-8 becomes U+FFFD, and so does NUL.
json() {
  od -An -v -tu1 | awk -v lines="$1" '
    function put(c) {
      if (!open) { printf "\""; open = 1 }
      if (c == 0) c = 65533
      if (c == 34 || c == 92) printf "\\%c", c
      else if (c >= 32 && c < 127) printf "%c", c
      else if (c < 65536) printf "\\u%04x", c
      else {
        c -= 65536
        printf "\\u%04x\\u%04x", 55296 + int(c / 1024), 56320 + c % 1024
      }
    }
    function close_string() {
      if (left > 0) put(65533)
      if (!open) printf "\""
      printf "\"\n"
      left = 0; open = 0
    }
    function byte(b) {
      if (left > 0 && b >= 128 && b < 192) {
        code = code * 64 + b - 128
        left--
        if (left > 0) return
        if (code < least || code > 1114111 || (code >= 55296 && code < 57344)) code = 65533
        put(code)
        return
      }
      if (left > 0) put(65533)
      left = 0
      if (b == 10 && lines) close_string()
      else if (b < 128) put(b)
      else if (b >= 194 && b < 224) { left = 1; code = b - 192; least = 128 }
      else if (b >= 224 && b < 240) { left = 2; code = b - 224; least = 2048 }
      else if (b >= 240 && b < 245) { left = 3; code = b - 240; least = 65536 }
      else put(65533)
    }
    { for (i = 1; i <= NF; i++) byte($i + 0) }
    END { if (!lines || open || left > 0) close_string() }'
}

# A number as JSON writes it, if standard input begins with one; fails when it does not.
number() {
  set -- "$(sed -n '1s/^[[:space:]]*0*\([0-9]\{1,15\}\)$/\1/p; 1s/^[[:space:]]*0*\([0-9]\{1,15\}\)[^0-9].*/\1/p')"
  [ -n "$1" ] && printf '%s' "$1"
}

bytes_in() {
  wc -c <"$1" | tr -d ' '
}

# Milliseconds of CPU time between two outputs of "times", children's line.
cpu_between() {
  cat "$1" "$2" | awk '
    NR % 2 == 0 {
      spent = 0
      for (i = 1; i <= 2; i++) {
        split($i, part, /[ms]/)
        sub(/,/, ".", part[2])
        spent += part[1] * 60 + part[2]
      }
      at[NR] = spent
    }
    END { printf "%d", (at[4] - at[2]) * 1000 + 0.5 }'
}

# --- one input -----------------------------------------------------------------

# begin NUMBER NAME NAME-AS-JSON
begin() {
  box=$job/$1 run=$job/$1/run in=$job/$1/in/$2 log=$job/$1/log
  file_json=$3 input_checksum=null unchecked=null failed_at=null message= exit_code=null signal=null
  events_read=null cpu_ms=null
  started=$(date +%s)000
  mkdir -p "$box/in" "$run" || return 1
  : >"$log"
  : >"$box/events"
  : >"$box/outputs.json"
  : >"$box/skipped.json"
}

# failed WHERE MESSAGE
failed() {
  failed_at="\"$1\"" message=$2
  failures=$((failures + 1))
  printf '%s\n' "rereco: $1: $2" >&2
}

# not_fetched EXIT-CODE
not_fetched() {
  [ -s "$box/fetched" ] || { failed stageIn "the input could not be fetched (exit code $1)"; return; }
  failed stageIn "$(head -n 1 "$box/fetched")"
}

# was_proved CHECKSUM-AS-JSON: whether it was is what fetching left
was_proved() {
  input_checksum=$1
  [ -s "$box/fetched" ] || return 0
  input_checksum='"unchecked"' unchecked=$(head -n 1 "$box/fetched" | tr -d '\n' | json '')
}

# has_size BYTES
has_size() {
  [ -f "$in" ] || { failed stageIn 'the input did not arrive'; return 1; }
  set -- "$1" "$(bytes_in "$in")"
  [ "$1" -eq "$2" ] || { failed stageIn "the input arrived with $2 bytes, not $1"; return 1; }
}

# announce NAME, in a job of several inputs: what is printed from here on is about this one
announce() {
  printf 'rereco: input %s\n' "$1"
  printf 'rereco: input %s\n' "$1" >&2
}

# signal_of EXIT-CODE: the signal for which it stands. A shell that has waited for a command
# tells one that signal n ended by 128+n, and so "exit 139" looks like SIGSEGV, too.
signal_of() {
  [ "$1" -gt 128 ] && [ "$1" -lt 160 ] || return 0
  set -- "$(kill -l "$1" 2>/dev/null)"
  case $1 in
    '' | *[!A-Z0-9]*) ;;
    *) signal="\"SIG$1\"" ;;
  esac
}

# run_command FUNCTION
run_command() {
  times >"$box/times.before"
  attend "$1" >"$log" 2>&1
  exit_code=$?
  times >"$box/times.after"
  cpu_ms=$(cpu_between "$box/times.before" "$box/times.after")
  cat "$log"
  [ "$exit_code" -ne 0 ] || return 0
  [ "$first_code" -ne 0 ] || first_code=$exit_code
  signal_of "$exit_code"
  failed command "the command ended with exit code $exit_code"
  return 1
}

# Whether every line the command wrote to RERECO_EVENTS is understood; keeps what it skipped.
read_events() {
  tr '\000' '?' <"$box/events" >"$box/events.text"
  set -- "$(grep -vE '^(read [0-9]+|written [^ ]+ [0-9]+|skipped [0-9]{1,15}( .*)?|)$' "$box/events.text" | head -n 1)"
  [ -z "$1" ] || { failed count "a line in RERECO_EVENTS is not understood: $1"; return 1; }
  sed -n 's/^skipped 0*\([0-9][0-9]*\).*/\1/p' "$box/events.text" >"$box/skipped.numbers"
  sed -n 's/^skipped [0-9]* *//p' "$box/events.text" | json lines >"$box/skipped.reasons"
  paste -d ' ' "$box/skipped.numbers" "$box/skipped.reasons" |
    sed 's/^\([0-9]*\) \(.*\)$/{"events":\1,"reason":\2}/; $!s/$/,/' >"$box/skipped.json"
}

# --- ways to count: each prints a number or fails --------------------------------

# count_report WORDS: the sum of the lines that begin with these words; fails when there is none
count_report() {
  awk -v words="$1 " '
    index($0, words) == 1 { sum += substr($0, length(words) + 1); lines++ }
    END { if (lines) printf "%.0f\n", sum }' "$box/events.text" | number
}

# count_file NAME
count_file() {
  [ -f "$run/$1" ] && sed -n '/[0-9]/{ s/^[^0-9]*//; p; q; }' "$run/$1" | number
}

# count_log SED-COMMAND, which puts the first group of each match on a line of its own
count_log() {
  sed -nE "$1" "$log" >"$box/matches" &&
    sed -n '$p' "$box/matches" | number
}

# count_pattern PATTERN FILE
count_pattern() {
  grep -cE -e "$1" "$2" >"$box/matches"
  [ "$?" -le 1 ] && number <"$box/matches"
}

# count_command COMMAND FILE
count_command() {
  (cd "$run" && file=$2 sh -c "$1") >"$box/matches" && number <"$box/matches"
}

# left KEY-AS-JSON NAME NAME-AS-JSON EVENTS METADATA-NAME
left() {
  {
    [ ! -s "$box/outputs.json" ] || printf ','
    printf '{"key":%s,"name":%s,"sizeBytes":%s,"checksum":null,"eventsWritten":%s,"metadata":' \
      "$1" "$3" "$(bytes_in "$run/$2")" "$4"
    if [ -n "$5" ] && [ -f "$run/$5" ]; then json '' <"$run/$5"; else printf null; fi
    printf '}'
  } >>"$box/outputs.json"
}

# Write what became of the input and make room for the next.
finish() {
  {
    [ "$files" -eq 0 ] || printf ','
    printf '\n{"file":%s,"failedAt":%s,"message":' "$file_json" "$failed_at"
    if [ "$failed_at" = null ]; then printf null; else printf '%s' "$message" | json ''; fi
    printf ',"inputChecksum":%s,"uncheckedBecause":%s' "$input_checksum" "$unchecked"
    printf ',"exitCode":%s,"signal":%s,"eventsRead":%s,"skipped":[' "$exit_code" "$signal" "$events_read"
    cat "$box/skipped.json"
    printf '],"outputs":['
    cat "$box/outputs.json"
    printf '],"cpuMs":%s,"startedMs":%s,"endedMs":%s}' "$cpu_ms" "$started" "$(date +%s)000"
  } >>"$part"
  files=$((files + 1))
  rm -rf "$box"
  log=
}

# begin_report HEAD, the report's first fields
begin_report() {
  processor=$(sed -n 's/^model name[[:space:]]*: *//p' /proc/cpuinfo 2>/dev/null | head -n 1)
  [ -n "$processor" ] || processor=$(uname -m)
  {
    printf '{%s,"node":' "$1"
    uname -n | tr -d '\n' | json ''
    printf ',"processor":'
    printf '%s' "$processor" | json ''
    printf ',"files":['
  } >"$part"
}
`.trim();
