#!/usr/bin/env bash
# Pictures of the reports of two scenarios, at desktop and phone width, for the
# README: results/reference/report_*.png.
# Usage: scripts/screenshots.sh [PROGRAM]
# PROGRAM: the stardsim to use (default: that of the release build).
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$(readlink -f "$0")")/lib.sh"

case ${1-} in
  -h | --help) show_help && exit 0 ;;
  -*) fail "no option '$1'" || exit 2 ;;
esac

program=${1:-build/release/stardsim}
[[ -x $program ]] || fail "'$program' is not a program: build it first" || exit 2
scripts/install_packages.sh browser >&2
mkdir -p build/browser build/screenshots results/reference
cp tests/browser/*.json tests/browser/*.mjs build/browser/
[[ -d build/browser/node_modules/playwright-core ]] ||
  (cd build/browser && npm ci --no-audit --no-fund)
for pictures in "ect_timing curves flow differences plane" "stard_arms flow"; do
  read -ra charts <<<"$pictures"
  scenario=${charts[0]}
  "$program" run "configs/$scenario.toml" --patients 200000 \
    -o "build/screenshots/$scenario.h5" >/dev/null
  "$program" report "build/screenshots/$scenario.h5" \
    -o "build/screenshots/$scenario.html"
  node build/browser/screenshots.mjs "build/screenshots/$scenario.html" \
    "results/reference/report_$scenario" "${charts[@]:1}"
done
ls -l results/reference/report_*.png
