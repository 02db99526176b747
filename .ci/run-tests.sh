# Sourced by ./test and .ci/run: runs a test program and adds what it reports to $passed, $failed and $skipped.
passed=0 failed=0 skipped=0

# run_tests PROJECT [ARGUMENTS...]: the program that a folder under tests/ was built to.
run_tests() {
  local name log status project_failed
  name=$(basename "$1")
  log=$(mktemp)
  "$1/bin/Release/net10.0/$name" "${@:2}" 2>&1 | tee "$log"
  # A runner that died reports no counts; that is a failure of its own (8 means: the filter left no test).
  status=${PIPESTATUS[0]}
  project_failed=$(count failed "$log")
  if [[ $status -ne 0 && $status -ne 8 && $project_failed -eq 0 ]]; then
    echo "$name ended with status $status"
    project_failed=1
  fi
  passed=$((passed + $(count succeeded "$log")))
  skipped=$((skipped + $(count skipped "$log")))
  failed=$((failed + project_failed))
  rm -f "$log"
}

# count WORD LOG: a number of the runner's summary, or 0. Some terminals and build servers get colours: they are no part of it.
count() { sed 's/\x1b\[[0-9;]*m//g' "$2" | grep -oP "^\s*$1: \K[0-9]+" | tail -1 | grep . || echo 0; }
