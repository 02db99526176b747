# Sourced by ./test and .ci/run: runs a test program, adds what it reports to $passed, $failed and $skipped, and keeps
# what failed, one line for each, for the end of the output.
passed=0 failed=0 skipped=0 failures=()

# run_tests PROJECT [ARGUMENTS...]: the program that a folder under tests/ was built to.
run_tests() {
  local name log status project_failed
  name=$(basename "$1")
  log=$(mktemp)
  "$1/bin/Release/net10.0/$name" --no-ansi "${@:2}" 2>&1 | count_skipped | tee "$log"
  # A runner that died reports no counts; that is a failure of its own (8 means: the filter left no test).
  status=${PIPESTATUS[0]}
  project_failed=$(count failed "$log")
  mapfile -t -O "${#failures[@]}" failures < <(failed_tests "$log")
  if [[ $status -ne 0 && $status -ne 8 && $project_failed -eq 0 ]]; then
    failures+=("$name ended with status $status")
    project_failed=1
  fi
  passed=$((passed + $(count succeeded "$log")))
  skipped=$((skipped + $(count skipped "$log")))
  failed=$((failed + project_failed))
  rm -f "$log"
}

# count WORD LOG: a number of the runner's summary, or 0.
count() { grep -oP "^\s*$1: \K[0-9]+" "$2" | tail -1 | grep . || echo 0; }

# Passes on what a runner prints; in place of the skipped tests, which are thousands, their number for each reason.
count_skipped() {
  local line reason is_skipped=
  local -A reasons=()
  while IFS= read -r line; do
    if [[ $line == "skipped "* ]]; then
      is_skipped=1
    elif [[ $is_skipped && $line == "  "* ]]; then
      reasons["$line"]=$((${reasons["$line"]:-0} + 1)) is_skipped=
    else
      printf '%s\n' "$line"
    fi
  done
  for reason in "${!reasons[@]}"; do echo "${reasons["$reason"]} skipped:${reason:1}"; done
}

# failed_tests LOG: their names, each with the first line of its message.
failed_tests() {
  awk '
    /^failed / { name = $0; sub(/^failed /, "", name); sub(/ \([^()]*\)$/, "", name); next }
    name != "" && /^  / { sub(/^ *(Xunit[^ ]*Exception: )?/, ""); print substr(name ": " $0, 1, 400); name = "" }
    END { if (name != "") print name }' "$1"
}

# tell_failures: the last lines but one of a run, few enough to be seen where only the end of an output is kept.
tell_failures() {
  local most=60
  ((${#failures[@]})) || return 0
  echo "== failed"
  printf '%s\n' "${failures[@]:0:most}"
  ((${#failures[@]} <= most)) || echo "and $((${#failures[@]} - most)) more"
}
