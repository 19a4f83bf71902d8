#!/usr/bin/env bash
# What a reader of the code takes for granted, checked by machine.
# Usage: scripts/run_checks.sh [--quick]
#   always:      layers, the layer check's own test, shellcheck, clang-format,
#                a minute of fuzzing (scripts/fuzz.sh --quick)
#   not --quick: headers that compile alone, clang-tidy, cppcheck, valgrind over
#                the program on configs/smoke.toml, the thread sanitizer over the
#                tests tagged [threads], and which lines the tests reach
# One line a check, then a closing line; exit code 1 if a check failed.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$(readlink -f "$0")")/lib.sh"

quick=false
case ${1-} in
  --quick) quick=true ;;
  -h | --help) show_help && exit 0 ;;
  ?*) fail "no option is called '$1'" || exit 2 ;;
esac

passed=0
failures=()
attempt() {
  if stage "$@"; then
    passed=$((passed + 1))
  else
    failures+=("$1")
  fi
}

# The project's files of these kinds, those not yet committed too.
files() {
  local file
  git -c safe.directory='*' ls-files --cached --others --exclude-standard \
    -- "$@" | while read -r file; do [[ ! -f $file ]] || echo "$file"; done
}

shell_check() {
  files 'scripts/*.sh' 'scripts/*.sbatch' .ci/run | xargs shellcheck -x
}

formatted() {
  local file all=0
  for file in $(files '*.hpp' '*.cpp'); do
    clang-format-14 --dry-run -Werror "$file" 2>/dev/null ||
      { echo "$file: run clang-format-14 -i" && all=1; }
  done
  return "$all"
}

# Highway's "-inl.hpp" files are made to be included many times, by their own.
headers_alone() {
  local flags
  read -ra flags < <(pkg-config --cflags hdf5)
  files 'models/*.hpp' 'sim/*.hpp' 'tests/*.hpp' | grep -v -e '-inl\.hpp$' |
    xargs -r -P "$(nproc)" -I '{}' g++ -std=c++20 -Wall -Wextra -I. \
      "${flags[@]}" -fsyntax-only -include '{}' -x c++ /dev/null
}

# How each file is compiled, and the files that the build makes.
compile_commands() {
  local generated
  cmake --preset tidy &&
    mapfile -t generated < <(ninja -C build/tidy -t targets all |
      sed -n 's/^\(generated\/.*\.cpp\): .*/\1/p') &&
    cmake --build --preset tidy --target stardsim_commit "${generated[@]}"
}

# Goes on after the first error, so that one run shows all of them.
tidy() {
  compile_commands &&
    files 'models/*.cpp' 'sim/*.cpp' |
    grep -vxE 'models/planted\.cpp|.*_mpi\.cpp' |
    xargs -P "$(nproc)" -n 1 clang-tidy-14 --quiet -p build/tidy
}

# One cppcheck heuristic is left out: it calls the place after one that
# adjacent_find has found invalid. An HtmlName, which it wants passed by
# reference, is a view. Generated files are long lists of bytes: they take hours.
cpp_check() {
  compile_commands &&
    cppcheck --project=build/tidy/compile_commands.json --std=c++20 \
      -ibuild/tidy/generated \
      --enable=warning,performance,portability --inline-suppr --quiet \
      --suppress=missingIncludeSystem --suppress=unknownMacro \
      --suppress=derefInvalidIteratorRedundantCheck \
      --suppress='passedByValue:sim/io/report/html.*' \
      --error-exitcode=1 -j "$(nproc)"
}

# Errors, and memory that nothing points to any more. Valgrind does not know
# AVX-512; the program asks the processor, as valgrind tells of it, and takes
# what there is.
memory() {
  timeout 900 valgrind --quiet --error-exitcode=9 --leak-check=full \
    --show-leak-kinds=definite --errors-for-leak-kinds=definite \
    build/release/stardsim run configs/smoke.toml --patients 20000 \
    --threads 2 -o build/valgrind.h5
}

# libgomp's barriers are unknown to the sanitizer, which then reports races
# that are none; clang's OpenMP tells it of them through archer.
threads() {
  OMP_TOOL_LIBRARIES=/usr/lib/llvm-14/lib/libarcher.so \
    TSAN_OPTIONS=ignore_noninstrumented_modules=1 timeout 900 \
    build/tsan/tests/stardsim_thread_tests "[threads]~[slow]" --warn NoTests
}

# Counts of an earlier run would be added to. A program that a test runs as
# another user cannot count, and says so where the test reads.
reached() {
  find build/coverage -name '*.gcda' -delete
  timeout 2700 build/coverage/tests/stardsim_tests \
    "~[slow]~*as another user" --warn NoTests
}

coverage() { /usr/bin/python3 scripts/coverage.py build/coverage; }

if $quick; then groups=(style); else groups=(build test checks); fi
stage "Debian's packages" scripts/install_packages.sh "${groups[@]}"
attempt "layers" scripts/check_layers.sh
attempt "layers: planted violations are caught" scripts/check_layers.sh --self-test
attempt "shellcheck" shell_check
attempt "clang-format" formatted
attempt "fuzzing, in short" scripts/fuzz.sh --quick
if ! $quick; then
  attempt "headers compile alone" headers_alone
  attempt "clang-tidy" tidy
  attempt "cppcheck" cpp_check
  attempt "release build" build release stardsim
  attempt "valgrind" memory
  attempt "thread sanitizer: build" build tsan stardsim_thread_tests
  attempt "thread sanitizer: tests" threads
  attempt "coverage: build" build coverage stardsim_tests
  attempt "coverage: tests" reached
  attempt "coverage: lines" coverage
  cat build/log/coverage__lines.txt
fi

total=$(seconds_since "$started")
if ((${#failures[@]} > 0)); then
  printf -v list '%s, ' "${failures[@]}"
  echo "FAILED: ${list%, } ($total s)"
  exit 1
fi
echo "all $passed checks passed ($total s)"
