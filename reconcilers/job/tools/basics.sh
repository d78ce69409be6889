# shellcheck shell=sh disable=SC2034,SC2154,SC2329
# The part of a job script that is the same in every job: POSIX sh functions that keep the
# books of one input after the other. They use nothing but what POSIX has, and run in the C
# locale: bytes, which no locale of the node can change.
#
# A process takes longer than most of what is done here, so they start few: a file is read and
# a text is cut by the shell itself, and what is plain is sent through no filter.
#
# Variables: $job the job's folder, $box the input's folder in it, $in the input, $run the
# folder the command runs in, $log where all that is printed goes, $part the report while it
# is being written.
nl='
'
child=''
several=''
ended=''
first_code=0
failures=0
files=0

# Give the command the locale this script was begun with; everything else runs in the C locale.
own_locale() {
  if [ "$locale_known" = yes ]; then export LC_ALL="$locale"; else unset LC_ALL; fi
}

# Run a function beside this shell and wait for it, so that a TERM is heard at once.
attend() {
  "$@" &
  child=$!
  wait "$child"
  set -- "$?"
  child=
  return "$1"
}

# On TERM: tell everything this job started, leave no report.
stop() {
  trap '' TERM
  if [ "$(ps -o pgid= -p "$$" 2>/dev/null | tr -d ' ')" = "$$" ]; then
    kill -TERM 0
  elif [ -n "$child" ]; then
    kill -TERM "$child"
  fi
  [ -z "$child" ] || wait "$child"
  rm -rf "$job" "$part"
  trap - TERM
  kill -TERM "$$"
}

# Make folders that must not be there yet; other users of the node are kept out.
room() {
  (umask 077 && exec mkdir "$@")
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

# as_json TEXT: puts it into $json, as one string; what is plain needs no filter
as_json() {
  case $1 in
    *[!\ -~]* | *[\"\\]*) json=$(printf '%s' "$1" | json '') ;;
    *) json="\"$1\"" ;;
  esac
}

# Puts the number with which the text in $counted begins there, as JSON writes it; fails
# when it does not begin with one.
number() {
  counted=${counted%%"$nl"*}
  counted=${counted#"${counted%%[![:space:]]*}"}
  counted=${counted%%[!0-9]*}
  [ -n "$counted" ] || return 1
  counted=${counted#"${counted%%[!0]*}"}
  counted=${counted:-0}
  [ "${#counted}" -le 15 ]
}

# bytes_in FILE: puts its size into $bytes
bytes_in() {
  bytes=$(wc -c <"$1") || return 1
  bytes=$((bytes))
}

# milliseconds_of TIME, as "times" prints it (1m2.345s): puts them into $milliseconds
milliseconds_of() {
  set -- "${1%%m*}" "${1#*m}"
  set -- "$1" "${2%s}"
  set -- "$1" "${2%%[.,]*}" "${2#*[.,]}000"
  # A leading 1, for a number that begins with 0 is one to the base of 8.
  set -- "$1" "$2" "1${3%"${3#???}"}"
  milliseconds=$(($1 * 60000 + $2 * 1000 + $3 - 1000))
}

# Puts the CPU time of all children until now into $spent, in milliseconds. Not in a subshell,
# which has no children.
children_spent() {
  times >"$box/times"
  { read -r user system && read -r user system; } <"$box/times"
  milliseconds_of "$user"
  spent=$milliseconds
  milliseconds_of "$system"
  spent=$((spent + milliseconds))
}
