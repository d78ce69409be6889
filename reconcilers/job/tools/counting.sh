# shellcheck shell=sh disable=SC2034,SC2154,SC2329
# --- ways to count: each puts a number into $counted or fails ---------------------

# count_report WORDS: the sum of the lines that begin with these words; fails when there is none
count_report() {
  [ -s "$box/events.text" ] || return 1
  counted=$(awk -v words="$1 " '
    index($0, words) == 1 { sum += substr($0, length(words) + 1); lines++ }
    END { if (lines) printf "%.0f\n", sum }' "$box/events.text")
  number
}

# count_file NAME
count_file() {
  [ -f "$run/$1" ] || return 1
  counted=$(sed -n '/[0-9]/{ s/^[^0-9]*//; p; q; }' "$run/$1")
  number
}

# Note how long the log is: what comes after is the command's.
mark_log() {
  bytes_in "$log" && log_from=$((bytes + 1))
}

# count_log SED-COMMAND, which puts the first group of each match on a line of its own
count_log() {
  tail -c "+$log_from" "$log" | sed -nE "$1" >"$box/matches" || return 1
  counted=$(sed -n '$p' "$box/matches")
  number
}

# count_pattern PATTERN FILE
count_pattern() {
  counted=$(grep -cE -e "$1" "$2")
  [ "$?" -le 1 ] && number
}

# count_command COMMAND FILE
count_command() {
  counted=$(cd "$run" && export file="$2" && exec sh -c "$1") && number
}

# left KEY-AS-JSON NAME EVENTS METADATA-NAME
left() {
  bytes_in "$run/$2"
  as_json "$2"
  set -- "$1" "$json" "$3" "$4"
  json=null
  if [ -n "$4" ] && [ -f "$run/$4" ]; then json=$(json '' <"$run/$4"); fi
  outputs="$outputs${outputs:+,}{\"key\":$1,\"name\":$2,\"sizeBytes\":$bytes,\"checksum\":null,\"eventsWritten\":$3,\"metadata\":$json}"
}
