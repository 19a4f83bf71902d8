#!/usr/bin/env bash
# Feeds what reads files with inputs made up at random (libFuzzer, address and
# undefined-behaviour sanitizers). An input that crashes it, that takes more
# than two minutes or 2 GB, or to which it does not answer with a clear line, is kept.
# Usage: scripts/fuzz.sh [--quick | MINUTES] [TARGET...]
#   --quick   a fixed number of inputs from fixed seeds, about a minute
#   MINUTES   so long in all (default 10), a target on each core; what leads
#             further is added to build/fuzz/corpus, which is then minimised
#   TARGET    scenario, targets, patient_table, life_table, result, hdf5_table
#             (default: all)
# Prints how many inputs were tried; exit code 1 if one was bad.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$(readlink -f "$0")")/lib.sh"

all_targets=(scenario targets patient_table life_table result hdf5_table)
# Inputs of --quick: about ten seconds of one core each.
declare -A quick_runs=(
  [scenario]=4000 [targets]=20000 [patient_table]=60000 [life_table]=40000
  [result]=200 [hdf5_table]=600)
# An input longer than this is of no use.
declare -A longest=(
  [scenario]=30000 [targets]=10000 [patient_table]=4000 [life_table]=8000
  [result]=400000 [hdf5_table]=50000)

quick=false
minutes=10
case ${1-} in
  --quick) quick=true && shift ;;
  -h | --help) show_help && exit 0 ;;
  -*) fail "no option is called '$1'" || exit 2 ;;
  [0-9]*)
    [[ $1 =~ ^[1-9][0-9]{0,4}$ ]] || fail "'$1' is no number of minutes" || exit 2
    minutes=$1 && shift
    ;;
esac
targets=("${@:-${all_targets[@]}}")
(($# > 0)) || targets=("${all_targets[@]}")
for target in "${targets[@]}"; do
  [[ -n ${quick_runs[$target]-} ]] ||
    fail "no target is called '$target'" || exit 2
done

here=build/fuzz
program() { echo "$here/tests/fuzz/fuzz_$1"; }

# The seeds of a target: those kept, and what the project has of its kind.
gather_seeds() {
  local seeds="$here/seeds/$1" file
  rm -rf "$seeds" && mkdir -p "$seeds" "$here/corpus/$1" "$here/found"
  for file in "tests/fuzz/seeds/$1"/*; do
    case $file in
      *.gz) gunzip -c "$file" >"$seeds/$(basename "$file" .gz)" ;;
      *) [[ ! -f $file ]] || cp "$file" "$seeds" ;;
    esac
  done
  case $1 in
    scenario) cp configs/*.toml configs/table/*.toml "$seeds" ;;
    targets) cp configs/calibration/*.toml "$seeds" ;;
    patient_table) cp configs/table/*.csv "$seeds" ;;
    life_table) cp configs/life_tables/*.csv "$seeds" ;;
  esac
}

# The keys of the project's scenarios, for the mutations of text.
make_dictionary() {
  grep -ohE '[a-z_]{2,} *=|"[a-z_]{2,}"' configs/*.toml configs/*/*.toml |
    tr -d ' "=' | sort -u | sed 's/.*/"&"/' >"$here/dictionary"
}

# fuzz TARGET OPTION...: with the corpus to add to, and the seeds, as options.
fuzz() {
  local target=$1
  shift
  [[ $target != scenario && $target != targets ]] ||
    set -- -dict="$here/dictionary" "$@"
  "$(program "$target")" -timeout=120 -rss_limit_mb=2048 -print_final_stats=1 \
    -max_len="${longest[$target]}" -artifact_prefix="$here/found/$target-" \
    "$@" >"build/log/fuzz_$target.txt" 2>&1 </dev/null
}

# What is new is not kept: the next time is to try the same.
fuzz_quickly() {
  local scrap
  scrap=$(mktemp -d)
  fuzz "$1" -seed=1 -runs="${quick_runs[$1]}" "$scrap" "$here/seeds/$1"
  local status=$?
  rm -rf "$scrap"
  return "$status"
}

fuzz_for() {
  local seconds=$1 target=$2
  fuzz "$target" -max_total_time="$seconds" -reload=0 "$here/corpus/$target" \
    "$here/seeds/$target" || return
  rm -rf "$here/smaller/$target" && mkdir -p "$here/smaller/$target"
  "$(program "$target")" -merge=1 -max_len="${longest[$target]}" \
    "$here/smaller/$target" "$here/corpus/$target" "$here/seeds/$target" \
    >"build/log/fuzz_${target}_merge.txt" 2>&1 </dev/null || return
  rm -rf "$here/larger/$target" && mkdir -p "$here/larger" &&
    mv "$here/corpus/$target" "$here/larger/$target" &&
    mv "$here/smaller/$target" "$here/corpus/$target"
}

fuzz_one() {
  if $quick; then
    fuzz_quickly "$1"
  else
    fuzz_for $((minutes * 60 * at_once / ${#targets[@]})) "$1"
  fi
}

# Says how it went with a target; returns 1 if it failed.
report() {
  local target=$1 log="build/log/fuzz_$1.txt" runs input
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)
  total=$((total + ${runs:-0}))
  if [[ ! -e $here/failed/$target ]]; then
    printf '%-14s %10d inputs, none bad\n' "$target" "${runs:-0}"
    return 0
  fi
  input=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
  printf '%-14s FAILED; all of it in %s\n' "$target" "$log"
  grep -m 3 -E 'ERROR:|SUMMARY:|runtime error|clear line|name the file' "$log" |
    cut -c 1-300 | sed 's/^/    /'
  [[ -z $input ]] ||
    printf '    again: ASAN_OPTIONS=symbolize=1 %s %s\n' \
      "$(program "$target")" "$input"
  return 1
}

stage "Debian's packages" scripts/install_packages.sh build fuzz
stage "fuzz targets: build" build fuzz "${targets[@]/#/fuzz_}"
rm -rf "$here/failed" && mkdir -p "$here/failed" build/log
for target in "${targets[@]}"; do gather_seeds "$target"; done
make_dictionary

at_once=$(($(nproc) < ${#targets[@]} ? $(nproc) : ${#targets[@]}))
running=0
for target in "${targets[@]}"; do
  if ((running >= at_once)); then
    wait -n || true
    running=$((running - 1))
  fi
  { fuzz_one "$target" || touch "$here/failed/$target"; } &
  running=$((running + 1))
done
wait

total=0
status=0
for target in "${targets[@]}"; do report "$target" || status=1; done
printf 'tried %d inputs in %s s\n' "$total" "$(seconds_since "$started")"
exit "$status"
