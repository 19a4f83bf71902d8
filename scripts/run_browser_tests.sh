#!/usr/bin/env bash
# Tests of the report in headless Chromium (tests/browser/). Installs what is
# missing (Debian's packages; of the npm registry what tests/browser/package.json
# pins), builds the program and runs them.
# Usage: scripts/run_browser_tests.sh [PROGRAM]
# PROGRAM: a stardsim to be tested instead of that of the release build.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$(readlink -f "$0")")/lib.sh"

case ${1-} in
  -h | --help) show_help && exit 0 ;;
  -*) fail "no option '$1'" || exit 2 ;;
esac

scripts/install_packages.sh browser
if (($# > 0)); then
  [[ -x $1 ]] || fail "'$1' is not a program" || exit 2
  program=$(readlink -f "$1")
else
  scripts/install_packages.sh build
  build release stardsim
  program=$PWD/build/release/stardsim
fi

# The packages stand beside a copy of the tests, not among the sources.
mkdir -p build/browser
cp tests/browser/*.json tests/browser/*.mjs build/browser/
if [[ ! -e build/browser/installed ]] ||
  ! cmp -s tests/browser/package-lock.json build/browser/installed; then
  (cd build/browser && npm ci --no-audit --no-fund)
  cp tests/browser/package-lock.json build/browser/installed
fi
STARDSIM_PROGRAM=$program STARDSIM_SCENARIOS=$PWD/configs \
  timeout 1200 node --test --test-reporter=spec build/browser/report.test.mjs
