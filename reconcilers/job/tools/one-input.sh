# shellcheck shell=sh disable=SC2034,SC2154,SC2329
# --- one input -----------------------------------------------------------------

# Make room for the input $name.
begin() {
  files=$((files + 1))
  box=$job/$files run=$job/$files/run in=$job/$files/in/$name
  input_checksum=null unchecked=null failed_at=null message='' exit_code=null signal=null
  events_read=null cpu_ms=null outputs='' skipped=''
  # An input begins when the one before has ended.
  started=${ended:-$(date +%s)000}
  [ "$files" -eq 1 ] || room "$box" "$box/in" "$run" || return 1
  : >"$box/events"
  # What is printed from here on is about this one.
  [ -z "$several" ] || printf 'rereco: input %s\n' "$name"
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
  IFS='' read -r said <"$box/fetched" || :
  failed stageIn "$said"
}

# Whether the input is here, and whole: where fetching has proved it, that is said by its checksum.
has_arrived() {
  [ -f "$in" ] || { failed stageIn 'the input did not arrive'; return 1; }
  if [ -n "$checksum" ] && [ ! -s "$box/fetched" ]; then
    as_json "$checksum"
    input_checksum=$json
    return 0
  fi
  if [ -n "$size" ]; then
    bytes_in "$in"
    [ "$bytes" -eq "$size" ] || { failed stageIn "the input arrived with $bytes bytes, not $size"; return 1; }
  fi
  said='no checksum of it is known'
  [ ! -s "$box/fetched" ] || IFS='' read -r said <"$box/fetched" || :
  as_json "$said"
  input_checksum='"unchecked"' unchecked=$json
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

# Run the command; what it prints is in the log at once.
run_command() {
  [ -n "$command" ] || command=$shared_command
  children_spent
  spent_before=$spent
  attend command_itself
  exit_code=$?
  children_spent
  cpu_ms=$((spent - spent_before))
  [ "$exit_code" -ne 0 ] || return 0
  [ "$first_code" -ne 0 ] || first_code=$exit_code
  signal_of "$exit_code"
  failed command "the command ended with exit code $exit_code"
  return 1
}

# Whether every line the command wrote to RERECO_EVENTS is understood; keeps what it skipped.
read_events() {
  : >"$box/events.text"
  [ -s "$box/events" ] || return 0
  tr '\000' '?' <"$box/events" >"$box/events.text"
  said=$(grep -vE '^(read [0-9]+|written [^ ]+ [0-9]+|skipped [0-9]{1,15}( .*)?|)$' "$box/events.text")
  said=${said%%"$nl"*}
  [ -z "$said" ] || { failed count "a line in RERECO_EVENTS is not understood: $said"; return 1; }
  grep -q '^skipped' "$box/events.text" || return 0
  sed -n 's/^skipped 0*\([0-9][0-9]*\).*/\1/p' "$box/events.text" >"$box/skipped.numbers"
  sed -n 's/^skipped [0-9]* *//p' "$box/events.text" | json lines >"$box/skipped.reasons"
  skipped=$(paste -d ' ' "$box/skipped.numbers" "$box/skipped.reasons" |
    sed 's/^\([0-9]*\) \(.*\)$/{"events":\1,"reason":\2}/; $!s/$/,/')
}
