#!/usr/bin/env bash
# How fast the engine is: jobs A and B beside the hand-written floor, in pairs;
# what covariates, a propensity and staging cost; memory from 10^5 to 10^8
# patients; then the micro-benchmarks. Writes Markdown to stdout.
# Usage: scripts/bench.sh [--quick | --long | --slow]
#   --quick   3 rounds instead of 9, memory up to 10^7 patients, no
#             micro-benchmarks
#   --long, --slow   not there yet
# The floor is compiled from STARDSIM_BENCH_REFERENCE (../shared/bench unless
# set); without that folder the engine is timed alone.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$(readlink -f "$0")")/lib.sh"

rounds=9
largest_cohort=100000000
for argument in "$@"; do
  case $argument in
    --quick) rounds=3 largest_cohort=10000000 ;;
    --long | --slow) fail "$argument is not there yet" || exit 2 ;;
    -h | --help) show_help && exit 0 ;;
    *) fail "no option is called '$argument'" || exit 2 ;;
  esac
done

reference=${STARDSIM_BENCH_REFERENCE:-../shared/bench}
programs=(--engine build/bench/stardsim)

# compile NAME FLAG...: a program of the reference folder into build/bench.
compile() {
  local name=$1
  shift
  g++ "$@" -O3 -pthread "$reference/$name.cpp" -o "build/bench/$name"
}

stage "Debian's packages" scripts/install_packages.sh build bench
stage "build" build bench
if [[ -f $reference/floor.cpp ]]; then
  stage "build: floor" compile floor -std=c++17 -march=native
  programs+=(--floor build/bench/floor)
else
  echo "no floor.cpp in $reference: the engine is timed alone" >&2
fi
# The prototype's kernels need AVX-512.
if [[ -f $reference/prototype_a.cpp ]] && grep -q avx512vl /proc/cpuinfo; then
  stage "build: prototype_a" compile prototype_a \
    -std=c++20 -march=skylake-avx512 -maes -mpclmul
  programs+=(--prototype build/bench/prototype_a)
fi

/usr/bin/python3 scripts/bench_jobs.py "${programs[@]}" --rounds "$rounds" \
  --largest-cohort "$largest_cohort"

micro=build/bench/tests/benchmarks/stardsim_benchmarks
if ((rounds > 3)) && [[ -x $micro ]]; then
  printf '\n## Micro-benchmarks\n\n```\n'
  "$micro" --benchmark_min_time=0.2 2>&1
  printf '```\n'
fi
