#!/usr/bin/env bash
# How fast the engine is: jobs A and B beside the hand-written floor, in pairs;
# job B beside numpy, numba, base R and plain C++; a probabilistic sensitivity
# analysis beside the same; a published decision model;
# what costs, covariates, a propensity and staging cost; all instruction sets;
# memory from 10^5 to 10^8 patients; a tornado by incremental re-simulation against full runs; then
# the micro-benchmarks. Writes Markdown to stdout.
# Usage: scripts/bench.sh [--quick] [--long | --sets | --slow]
#   --quick   3 rounds instead of 9, memory up to 10^7 patients, no
#             micro-benchmarks
#   --slow    instead of all that, the slow tests: the coverage that a run to
#             a precision promises
#   --sets    instead of all that, the instruction sets alone
#   --long    instead of all that, job A from 10^6 to 10^10 patients and job B
#             from 10^5 to 10^9, with their memory, and two ranks beside two
#             threads: some minutes. Writes results/reference/long_runs.md and
#             long_runs.png; with --quick two sizes fewer, to build/bench
# Floor and peers are taken from STARDSIM_BENCH_REFERENCE (../shared/bench
# unless set); without that folder the engine is timed alone. A peer whose
# interpreter or library is missing is left out, with a note.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$(readlink -f "$0")")/lib.sh"

rounds=9
slow=false
long=false
quick=false
only=()
largest_cohort=100000000
for argument in "$@"; do
  case $argument in
    --quick) quick=true rounds=3 largest_cohort=10000000 ;;
    --slow) slow=true ;;
    --long) long=true ;;
    --sets) only=(--sets-only) ;;
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

if $slow; then
  stage "Debian's packages" scripts/install_packages.sh build test
  stage "build" build release stardsim_tests
  printf '# Slow tests\n\n```\n'
  build/release/tests/stardsim_tests "[coverage]" --durations yes
  printf '```\n'
  exit
fi

stage "Debian's packages" scripts/install_packages.sh build bench
if $long || ((${#only[@]} > 0)); then
  stage "build" build bench stardsim
else
  stage "build" build bench
fi
if $long; then
  stage "Debian's packages for pictures" scripts/install_packages.sh plot
  sizes=(--output results/reference/long_runs)
  if $quick; then
    sizes=(--output build/bench/long_runs --largest-a 8 --largest-b 7 --rounds 3)
  fi
  if grep -q '"mpi"' CMakePresets.json &&
    stage "Debian's packages for ranks" scripts/install_packages.sh mpi &&
    stage "build: ranks" build mpi stardsim-mpi; then
    sizes+=(--mpi build/mpi/stardsim-mpi)
  fi
  exec /usr/bin/python3 scripts/bench_long.py "${programs[@]}" "${sizes[@]}"
fi
if ((${#only[@]} > 0)); then
  exec /usr/bin/python3 scripts/bench_jobs.py "${programs[@]}" "${only[@]}" \
    --rounds "$rounds"
fi
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
if [[ -f $reference/peer_plain.cpp ]]; then
  # As most programs are compiled: for any machine.
  stage "build: peer_plain" compile peer_plain -std=c++17
  programs+=(--plain build/bench/peer_plain --peers "$reference")
fi

/usr/bin/python3 scripts/bench_jobs.py "${programs[@]}" --rounds "$rounds" \
  --largest-cohort "$largest_cohort"

tornado=build/bench/tests/benchmarks/stardsim_tornado
if [[ -x $tornado ]]; then
  printf '\n## A tornado by incremental re-simulation\n\n'
  printf 'Step probabilities at both ends of their 95 %% intervals; medians of 5.\n\n'
  "$tornado"
fi

micro=build/bench/tests/benchmarks/stardsim_benchmarks
if ((rounds > 3)) && [[ -x $micro ]]; then
  printf '\n## Micro-benchmarks\n\n```\n'
  "$micro" --benchmark_min_time=0.2 2>&1
  printf '```\n'
fi
