#!/usr/bin/env bash
# From a fresh machine to STAR*D's curves: installs, builds, runs, plots.
# Usage: scripts/run_stard.sh [OPTION OF stardsim run]...
#   scripts/run_stard.sh --patients 1e7 --seed 1
# Prints the table; writes results/stard.h5, the page results/stard.html and the
# remission curves results/stard.png.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$(readlink -f "$0")")/lib.sh"

case ${1-} in -h | --help) show_help && exit 0 ;; esac

stage "Debian's packages" scripts/install_packages.sh build plot
stage "build (a few minutes the first time)" build run
mkdir -p results
build/run/stardsim run configs/stard.toml -o results/stard.h5 "$@"
build/run/stardsim report results/stard.h5 -o results/stard.html
stage "plot: results/stard.png" \
  /usr/bin/python3 scripts/plot_curves.py results/stard.h5 -o results/stard.png
