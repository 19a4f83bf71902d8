#!/usr/bin/env bash
# Sees whether runs survive what can befall them:
#
#   scripts/endurance.sh                both of these
#   scripts/endurance.sh --kills N [--seed N]   kills N checkpointed runs (200),
#                                       and resumes each to the end
#   scripts/endurance.sh --faults       makes every write, sync, rename, open,
#                                       close, read, print, start of a thread and
#                                       allocation of small runs fail
#
# Builds the program in build/release first. Prints figures; exit code 1 if
# something was lost. tests/README.md has the figures of the last time.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$(readlink -f "$0")")/lib.sh"

kills='' faults='' seed=1
while (($# > 0)); do
  case $1 in
    -h | --help) show_help && exit ;;
    --kills) kills=${2:?--kills needs a number} && shift ;;
    --seed) seed=${2:?--seed needs a number} && shift ;;
    --faults) faults=yes ;;
    *) fail "unknown argument $1 (see --help)" || exit 2 ;;
  esac
  shift
done
[[ -n $kills$faults ]] || kills=200 faults=yes

stage "build" build release stardsim stardsim_inject
program=build/release/stardsim
status=0
if [[ -n $kills ]]; then
  /usr/bin/python3 tests/faults/kills.py "$program" \
    --runs "$kills" --seed "$seed" || status=1
fi
if [[ -n $faults ]]; then
  /usr/bin/python3 tests/faults/faults.py "$program" \
    build/release/tests/libstardsim_inject.so || status=1
fi
printf 'took %s s\n' "$(seconds_since "${started:?}")"
exit "$status"
