#!/usr/bin/env bash
# Holds the engine on ARM to the same bytes: compiles it for aarch64, runs its
# tests in an emulator, and compares the tallies of scenarios, number by number,
# with those of this machine.
# Usage: scripts/neon.sh [--quick]
#   --quick   the tallies alone
# Prints a table in Markdown; exit code 1 if a tally differs or a test fails.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$(readlink -f "$0")")/lib.sh"

quick=false
case ${1-} in
  --quick) quick=true ;;
  -h | --help) show_help && exit 0 ;;
  ?*) fail "no option is called '$1'" || exit 2 ;;
esac

# SCENARIO PATIENTS: fixed rates, costs and QALYs, patients who differ, and
# what only the plain course knows.
comparisons=(
  'configs/bench/job_a.toml 100000'
  'configs/bench/job_b.toml 50000'
  'configs/bench/job_b_covariates.toml 20000'
  'configs/bench/job_b_propensity.toml 20000'
  'configs/stard_follow_up.toml 50000'
  'configs/stard_strata.toml 20000'
  'configs/ect_by_line.toml 20000'
  'configs/ivi_mdd.toml 1000'
)

emulated=(qemu-aarch64 -L /usr/aarch64-linux-gnu)

# build_for FOLDER OPTION...: the engine and its tests in build/FOLDER.
build_for() {
  local folder=build/$1
  shift
  cmake -S tests/neon -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=Release "$@" &&
    cmake --build "$folder" --parallel "$(nproc)"
}

# The headers of libraries are the same on every machine; those of the system
# are found first where the cross compiler has its own.
build_arm() {
  build_for neon -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
    -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ \
    -DCMAKE_CXX_FLAGS='-idirafter /usr/include'
}

# digest COMMAND...: the SHA-256 of what it prints, or nothing if it fails.
digest() {
  local text
  text=$("$@") || return
  sha256sum <<<"$text" | cut -d' ' -f1
}

compare() {
  local scenario patients here there set all=0
  for comparison in "${comparisons[@]}"; do
    read -r scenario patients <<<"$comparison"
    here=$(digest build/neon_host/print_tally '' "$patients" "$scenario")
    for set in neon one-lane; do
      there=$(digest "${emulated[@]}" build/neon/print_tally "$set" \
        "$patients" "$scenario")
      if [[ -n $here && $here == "$there" ]]; then
        echo "| $scenario | $patients | $set | ${here:0:16} | equal |"
      else
        echo "| $scenario | $patients | $set | ${here:0:16} | **differs:** ${there:0:16} |"
        all=1
      fi
    done
  done
  return "$all"
}

arm_tests() {
  "${emulated[@]}" build/neon/core_tests "~[slow]" --warn NoTests
}

stage "Debian's packages" scripts/install_packages.sh build test neon
stage "build for this machine" build_for neon_host
stage "build for aarch64" build_arm
echo '| scenario | patients | on ARM | SHA-256 here | on ARM |'
echo '|---|---|---|---|---|'
status=0
compare || status=1
$quick || stage "the engine's tests on ARM" arm_tests || status=1
((status == 0))
