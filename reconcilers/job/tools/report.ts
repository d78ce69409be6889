/** `report.sh`, written here by `npm run tools`. */
export const REPORT = `# --- the report ------------------------------------------------------------------

# Write what became of the input, and make room for the next.
finish() {
  ended=$(date +%s)000
  {
    [ "$files" -eq 1 ] || printf ','
    as_json "$name"
    printf '\\n{"file":%s,"failedAt":%s' "$json" "$failed_at"
    json=null
    [ "$failed_at" = null ] || as_json "$message"
    printf ',"message":%s,"inputChecksum":%s,"uncheckedBecause":%s' "$json" "$input_checksum" "$unchecked"
    printf ',"exitCode":%s,"signal":%s,"eventsRead":%s' "$exit_code" "$signal" "$events_read"
    printf ',"skipped":[%s],"outputs":[%s]' "$skipped" "$outputs"
    printf ',"cpuMs":%s,"startedMs":%s,"endedMs":%s}' "$cpu_ms" "$started" "$ended"
  } >>"$part"
  # The last one goes with the job's folder.
  [ -z "$lines" ] || rm -rf "$box"
}

# Begin the report with the node's name and its processor's.
begin_report() {
  node=
  read -r node 2>/dev/null </proc/sys/kernel/hostname || node=$(uname -n)
  processor=
  # On other processors than those of PCs it does not stand there.
  for line in 1 2 3 4 5 6 7 8; do
    read -r line || break
    case $line in 'model name'*) processor=\${line#*: } ;; esac
  done 2>/dev/null </proc/cpuinfo
  [ -n "$processor" ] || processor=$(uname -m)
  as_json "$node"
  set -- "$json"
  as_json "$processor"
  printf '{"submission":"%s","index":%s,"node":%s,"processor":%s,"files":[' \\
    "$submission" "$index" "$1" "$json" >"$part"
}

end_report() {
  printf '\\n]}\\n' >>"$part" && mv -f "$part" "$report"
}
`;
