#!/usr/bin/env bash
# All tests in the release build, those of the report in a browser among them;
# all but the slow ones and the browser's under the address and
# undefined-behaviour sanitizers. Installs what is missing, builds, runs.
# Usage: scripts/run_tests.sh
# The last line sums up; the exit code is 0 only if everything passed.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$(readlink -f "$0")")/lib.sh"

case ${1-} in
  -h | --help) show_help && exit 0 ;;
  ?*) fail "takes no argument '$1'" || exit 2 ;;
esac

failures=()
attempt() {
  stage "$@" && return
  failures+=("$1")
  return 1
}

release_tests() {
  ctest --preset release --no-tests=error
}

# One process for all of them: a sanitized one is slow to start.
sanitized_tests() {
  UBSAN_OPTIONS=print_stacktrace=1 timeout 2700 \
    build/asan/tests/stardsim_tests "~[slow]" --order rand --rng-seed time \
    --warn NoTests
}

browser_tests() {
  scripts/run_browser_tests.sh build/release/stardsim
}

# log_line LABEL PATTERN: what the log of a stage has to say about a count.
log_line() {
  sed -nE "s/$2/\\1/p" "build/log/${1//[^A-Za-z0-9]/_}.txt" 2>/dev/null |
    tail -n 1
}

stage "Debian's packages" scripts/install_packages.sh build plot test
{ attempt "release build" build release &&
  attempt "release tests" release_tests; } || true
if [[ -x build/release/stardsim ]]; then
  attempt "browser tests" browser_tests || true
else
  failures+=("browser tests (no program)")
fi
{ attempt "sanitized build" build asan &&
  attempt "sanitized tests" sanitized_tests; } || true

total=$(seconds_since "$started")
if ((${#failures[@]} > 0)); then
  printf -v list '%s, ' "${failures[@]}"
  echo "FAILED: ${list%, } ($total s)"
  exit 1
fi
released=$(log_line "release tests" '.* tests failed out of ([0-9]+)$')
skipped=$(grep -cE '\*\*\*(Skipped|Not Run)' build/log/release_tests.txt || true)
sanitized=$(log_line "sanitized tests" '.* in ([0-9]+) test cases?\)?.*')
browser=$(log_line "browser tests" '^[^a-z]*pass ([0-9]+)$')
unseen=$(log_line "browser tests" '^[^a-z]*skipped ([0-9]+)$')
echo "in release $released tests ($skipped skipped), in the browser $browser" \
  "($unseen skipped), under sanitizers $sanitized ($total s)"
skipped=$((skipped + unseen))
echo "$((released - skipped + unseen + sanitized + browser)) passed, 0 failed, $skipped skipped"
